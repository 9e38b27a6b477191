"""Whether a body comes from whoever has the secret: HMAC-SHA256, in the forms that senders write it.

Source: RFC 2104; Stripe, "Verify webhook signatures"; Shopify, "Validate the origin of a webhook"; GitHub, "Validating
webhook deliveries".
"""

from __future__ import annotations

import binascii
import hmac
from collections.abc import Mapping
from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from genom.errors import NotPermitted

__all__ = ["Signature", "check_signature"]

_LONGEST: Final = 2_000  # bytes of a header
_MOST: Final = 10  # signatures in one header, while a sender changes its secret


class Signature(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """Where the signature stands, and how it is written."""

    header: Annotated[str, Meta(pattern=r"^[A-Za-z0-9-]{1,80}$")]
    format: Literal["hex", "base64", "timestamped"]  # "timestamped": t=<unix s>,v1=<hex> over `<t>.<body>`
    prefix: Annotated[str, Meta(max_length=20)] = ""  # before the digits, such as "sha256="
    tolerance: Annotated[int, Meta(ge=1, le=86_400)] = 300  # s that a timestamp may be off


def check_signature(
    signature: Signature, secret: bytes, headers: Mapping[bytes, bytes], body: bytes, *, now: int
) -> None:
    """Raises NotPermitted unless the body is signed; `now`: unix ms, UTC.  Compares in constant time.

    >>> form = Signature(header="X-Sig", format="hex")
    >>> check_signature(form, b"key", {b"x-sig": b"00"}, b"{}", now=0)
    Traceback (most recent call last):
        ...
    genom.errors.NotPermitted: The signature does not fit.
      why: `X-Sig` is not the HMAC-SHA256 of the body under the webhook's secret
      fix: compare the secret on both sides, and sign the body byte for byte
    """
    said = headers.get(signature.header.lower().encode(), b"").strip()
    if not said:
        raise _refused("There is no signature.", f"the header `{signature.header}` is missing", "sign the request")
    if len(said) <= _LONGEST and said.startswith(signature.prefix.encode()):
        rest = said[len(signature.prefix.encode()) :]
        if signature.format == "timestamped":
            return _check_timestamped(signature, secret, rest, body, now=now)
        if hmac.compare_digest(_digest_of(signature, rest), hmac.digest(secret, body, "sha256")):
            return None
    raise _wrong(signature)


def _digest_of(signature: Signature, said: bytes) -> bytes:
    try:
        if signature.format == "hex":
            return binascii.a2b_hex(said)
        return binascii.a2b_base64(said, strict_mode=True)
    except ValueError:
        return b""


def _check_timestamped(signature: Signature, secret: bytes, said: bytes, body: bytes, *, now: int) -> None:
    parts = [part.strip().partition(b"=") for part in said.split(b",")]
    at = next((value for key, _, value in parts if key == b"t"), b"")
    given = [value.lower() for key, _, value in parts if key == b"v1"][:_MOST]
    wanted = hmac.digest(secret, at + b"." + body, "sha256").hex().encode()
    fits = [hmac.compare_digest(one, wanted) for one in given]  # all of them, so that the time tells nothing
    if True not in fits:
        raise _wrong(signature)
    if not (at.isdigit() and len(at) < 16 and abs(now - int(at) * 1_000) <= signature.tolerance * 1_000):
        raise _refused(
            "The signature is of another time.",
            f"its timestamp is more than {signature.tolerance} seconds away",
            "set the clocks right, or send the request anew",
            code="webhook.too-old",
        )


def _wrong(signature: Signature) -> NotPermitted:
    return _refused(
        "The signature does not fit.",
        f"`{signature.header}` is not the HMAC-SHA256 of the body under the webhook's secret",
        "compare the secret on both sides, and sign the body byte for byte",
    )


def _refused(what: str, why: str, fix: str, *, code: str = "webhook.signature") -> NotPermitted:
    return NotPermitted(what, why=why, fix=fix, code=code)
