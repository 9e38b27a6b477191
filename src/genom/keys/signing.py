"""The key that signs receipts: Ed25519 (RFC 8032), made at its first use."""

from __future__ import annotations

import os
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from genom.errors import BadConfiguration
from genom.keys.private import write_private

__all__ = ["SigningKey", "verify"]

_BYTES = 32


class SigningKey:
    """The private key in a file of 32 bytes that only its owner may read.

    >>> from tempfile import mkdtemp
    >>> key = SigningKey(Path(mkdtemp()) / "signing.key")
    >>> verify(key.public_key, b"said", key.sign(b"said")), verify(key.public_key, b"other", key.sign(b"said"))
    (True, False)
    """

    def __init__(self, path: Path) -> None:
        if not path.exists():
            write_private(path, os.urandom(_BYTES))
        seed = path.read_bytes()
        if len(seed) != _BYTES:
            raise BadConfiguration(
                f"The signing key {path} cannot be used.",
                why=f"it has {len(seed)} bytes instead of {_BYTES}",
                fix="restore it from a backup; or remove it, and receipts are signed with a new key from now on",
            )
        self._key = Ed25519PrivateKey.from_private_bytes(seed)

    @property
    def public_key(self) -> str:
        """Whoever has it can check what was signed; 64 hexadecimal digits."""
        return self._key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()

    def sign(self, said: bytes) -> str:
        """The signature, 128 hexadecimal digits."""
        return self._key.sign(said).hex()


def verify(public_key: str, said: bytes, signature: str) -> bool:
    """Whether a signature was made over these bytes with the key; false also for what is no signature."""
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key)).verify(bytes.fromhex(signature), said)
    except (InvalidSignature, ValueError):
        return False
    return True
