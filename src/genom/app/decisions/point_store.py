"""Decision points that people define: versions in the catalogue, and which of them is live, in shadow or a draft.

A version never changes.  Its stage is a definition of its own, so that who changed it, and when, stays known.
Points of the file are version 0 here: they are live until a version of the catalogue is.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec
import sqlalchemy as sa

from genom.app.catalogue import Catalogue
from genom.app.tables import definitions
from genom.decide import Point
from genom.typed import converted

__all__ = [
    "FILE",
    "KIND",
    "STAGES",
    "Stages",
    "Version",
    "kept_form",
    "point_of",
    "staged_points",
    "stages_of",
    "versions_of",
]

KIND: Final = "point"  # of the definition
STAGES: Final = "point_stages"
FILE: Final = 0  # stands for the definition of the file


class Stages(msgspec.Struct, frozen=True, kw_only=True):
    """The versions of a point by what they do; None: there is none."""

    live: int | None = None
    previous: int | None = None  # was live before
    shadow: int | None = None
    draft: int | None = None

    def of(self, version: int) -> str:
        """What a version does; empty if it rests."""
        names = ("live", "shadow", "draft", "previous")
        return next((name for name in names if getattr(self, name) == version), "")


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """A version as it was defined."""

    point: Point
    author: str
    at: int  # unix ms, UTC


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
    return converted(body | {"shares": shares, "version": version}, Point)


def versions_of(connection: sa.Connection, name: str) -> dict[int, Version]:
    """All versions of a point that were defined, the oldest first."""
    chosen = sa.select(definitions).where(definitions.c.kind == KIND, definitions.c.name == name)
    rows = connection.execute(chosen.order_by(definitions.c.version)).all()
    return {
        row.version: Version(
            point=point_of(msgspec.json.decode(row.body), row.version), author=row.author, at=row.at
        )
        for row in rows
    }  # fmt: skip


def stages_of(file: dict[str, Point], versions: dict[int, Version], kept: Any, name: str) -> Stages:
    """Which version does what; without a word of it the newest is live, as before there were stages."""
    if kept is not None:
        return converted(kept, Stages)
    return Stages(live=max(versions) if versions else FILE if name in file else None)


def staged_points(file: dict[str, Point], catalogue: Catalogue) -> tuple[dict[str, Point], dict[str, Point]]:
    """All live points, and those in shadow; one that was defined over HTTP comes before the file's of the same name."""
    live, shadows = dict(file), dict[str, Point]()
    kept = catalogue.all_defined(STAGES)
    for name in catalogue.all_defined(KIND):
        with catalogue.begin() as connection:
            versions = versions_of(connection, name)
        stages = stages_of(file, versions, kept[name][1] if name in kept else None, name)
        if stages.live is None:
            live.pop(name, None)
        elif stages.live != FILE:
            live[name] = versions[stages.live].point
        if stages.shadow is not None:
            shadows[name] = versions[stages.shadow].point
    return live, shadows
