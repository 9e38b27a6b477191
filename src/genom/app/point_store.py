"""Decision points that people define over HTTP: versioned in the catalogue, merged with those of the file."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from genom.app.catalogue import Catalogue
from genom.decide import Point

__all__ = ["kept_form", "merged_points", "point_of"]

KIND: Final = "point"  # of the definition


def kept_form(point: Point) -> dict[str, Any]:
    """The definition as the catalogue keeps it; the order of the shares has a meaning, so they are a list."""
    body: dict[str, Any] = msgspec.to_builtins(point)
    del body["version"]
    if not point.also:  # what was defined before there was such a field keeps its version
        del body["also"]
    return body | {"shares": list(point.shares.items())}


def point_of(body: dict[str, Any], version: int) -> Point:
    """The point that the catalogue keeps."""
    shares = {action: float(share) for action, share in body["shares"]}
    return msgspec.convert(body | {"shares": shares, "version": version}, Point)


def merged_points(file: dict[str, Point], catalogue: Catalogue) -> dict[str, Point]:
    """All points; one that was defined over HTTP comes before the file's of the same name."""
    defined = {name: point_of(body, version) for name, (version, body) in catalogue.all_defined(KIND).items()}
    return file | defined
