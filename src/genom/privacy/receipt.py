"""The receipt of an erasure: what each store held and let go of, and what stays and why; it names nobody."""

from __future__ import annotations

from typing import Final

import msgspec

from genom.keys import SigningKey, verify

__all__ = ["Receipt", "StoreReceipt", "receipt_is_genuine", "signed"]

FORMAT: Final = 1


class StoreReceipt(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a person in one store."""

    store: str
    found: int  # records before the erasure
    erased: int = 0  # records that were overwritten or removed
    bytes: int = 0
    kept: str = ""  # what stays and why
    done_at: int = 0  # unix ms, UTC; 0 = not yet


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """An erasure: `effective` once nothing of the person is read any more, `done` once all files are overwritten.

    The signature (Ed25519) is over the other members as compact JSON with sorted keys.
    """

    format: int = FORMAT
    id: str  # random
    state: str
    asked_at: int  # unix ms, UTC
    effective_at: int
    done_at: int = 0
    stores: tuple[StoreReceipt, ...] = ()
    public_key: str = ""
    signature: str = ""


def signed(receipt: Receipt, key: SigningKey) -> Receipt:
    """The receipt with key and signature.

    >>> from pathlib import Path
    >>> from tempfile import mkdtemp
    >>> key = SigningKey(Path(mkdtemp()) / "signing.key")
    >>> receipt = signed(Receipt(id="e1", state="done", asked_at=1, effective_at=2, done_at=3), key)
    >>> receipt_is_genuine(receipt), receipt_is_genuine(msgspec.structs.replace(receipt, done_at=4))
    (True, False)
    """
    named = msgspec.structs.replace(receipt, public_key=key.public_key, signature="")
    return msgspec.structs.replace(named, signature=key.sign(_said(named)))


def receipt_is_genuine(receipt: Receipt) -> bool:
    """Whether the receipt is as it was signed; whoever asks must know the public key from elsewhere."""
    return verify(receipt.public_key, _said(receipt), receipt.signature)


def _said(receipt: Receipt) -> bytes:
    members = msgspec.to_builtins(receipt)
    del members["signature"]
    return msgspec.json.encode(members, order="sorted")
