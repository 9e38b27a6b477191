"""One transparent point: what an address answers that a page loads as an image."""

from __future__ import annotations

from typing import Final

__all__ = ["PIXEL", "PIXEL_HEADERS"]

PIXEL: Final = b"GIF89a\x01\x00\x01\x00\x80\x00\x00" + bytes(6) + (
    b"!\xf9\x04\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
)  # fmt: skip
"""A GIF of 43 bytes, the smallest that every browser draws."""

PIXEL_HEADERS: Final = [
    (b"content-type", b"image/gif"),
    (b"cache-control", b"no-store"),  # each look is asked for
    (b"cross-origin-resource-policy", b"cross-origin"),  # shops of other origins load it
    (b"x-content-type-options", b"nosniff"),
]
