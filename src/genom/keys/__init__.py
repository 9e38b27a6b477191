"""Keys of a data directory, apart from the data: what signs."""

from genom.keys.signing import SigningKey, verify

__all__ = ["SigningKey", "verify"]
