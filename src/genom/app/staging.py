"""Stages of a decision point: a version is a draft, in shadow or live; each change is one row of the audit log.

In shadow a version decides beside the live one and is never shown.  Publishing makes a version live, rolling back the
one before it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Final, Literal

import msgspec
import sqlalchemy as sa

from genom.app import audit
from genom.app.commit import now_ms
from genom.app.decisions.asking import asked_point
from genom.app.decisions.point_store import FILE, KIND, STAGES, Stages, Version, kept_form, stages_of, versions_of
from genom.app.node import Node
from genom.app.tables import definitions
from genom.decide import Point
from genom.errors import BadRequest, NotFound

__all__ = ["Stage", "confirmed", "define", "history", "publish", "roll_back", "shadow"]

Stage = Literal["live", "shadow", "draft"]

_DEEDS: Final = {"live": "point.published", "shadow": "point.shadowed", "draft": "point.drafted"}


def confirmed(name: str, said: str) -> None:
    """Raises BadRequest unless somebody has named the point that they mean."""
    if said.strip() != name:
        raise BadRequest(
            f"The decision point {name!r} is not changed.",
            why="what is shown to people changes at once, so its name must be confirmed",
            fix=f'send {{"confirm": "{name}"}}',
            code="point.not-confirmed",
        )


async def history(node: Node, name: str) -> tuple[Stages, dict[int, Version]]:
    """The stages of a point and all of its versions; raises UnknownName."""
    stages, versions = await asyncio.to_thread(_read, node, name)
    if stages == Stages() and not versions:
        asked_point(node, name)
    return stages, versions


async def define(node: Node, point: Point, stage: Stage, *, by: str) -> int:
    """Keep a definition as a new version in a stage; an equal one keeps its version.

    Returns the number of the version.  Raises BadRequest if the live version, which says the same, should leave.
    """
    unchanged: list[int] = []

    def change(connection: sa.Connection) -> tuple[Stages, int] | None:
        versions = versions_of(connection, point.id)
        stages = _stages(node, connection, point.id, versions)
        version = _equal(node, point, stages, versions)
        if version is not None and version == stages.live and stage != "live":
            raise BadRequest(
                f"The decision point {point.id!r} is live as it is described here.",
                why=f"a version that is live cannot be put into the stage {stage!r}",
                fix="change something, or leave it",
            )
        if version is not None and stages.of(version) == stage:
            unchanged.append(version or node.file_points[point.id].version)
            return None
        if version is None:
            version = 1 + max([*versions, *_file_version(node, point.id)], default=0)
            _insert(connection, KIND, point.id, kept_form(point), by=by, version=version)
        return _moved(stages, stage, version), version

    changed = await _change(node, point.id, change, action=_DEEDS[stage], by=by, reason="")
    return unchanged[0] if changed is None else changed


async def publish(node: Node, name: str, version: int | None, *, by: str, reason: str = "") -> int:
    """Make a version live: the one in shadow unless another is named.  Raises BadRequest, NotFound."""

    def change(connection: sa.Connection) -> tuple[Stages, int] | None:
        versions = versions_of(connection, name)
        stages = _stages(node, connection, name, versions)
        chosen = stages.shadow if version is None else version
        if chosen is None:
            raise BadRequest(
                f"The decision point {name!r} has nothing to publish.",
                why="no version is in shadow, and none was named",
                fix='name one: {"version": 2}',
            )
        _exists(name, versions, chosen)
        return None if stages.live == chosen else (_moved(stages, "live", chosen), chosen)

    asked_version = await _change(node, name, change, action="point.published", by=by, reason=reason)
    return node.points[name].version if asked_version is None else asked_version


async def roll_back(node: Node, name: str, *, by: str, reason: str = "") -> int:
    """Make the version live that was live before.  Raises BadRequest if there is none."""

    def change(connection: sa.Connection) -> tuple[Stages, int] | None:
        stages = _stages(node, connection, name, versions_of(connection, name))
        if stages.previous is None:
            raise BadRequest(
                f"The decision point {name!r} has no version to go back to.",
                why="it has never been live in another version",
                fix="define the version that you want with POST /v1/points",
            )
        return _moved(stages, "live", stages.previous), stages.previous

    version = await _change(node, name, change, action="point.rolled_back", by=by, reason=reason)
    assert version is not None, "a change was made"
    return version


async def shadow(node: Node, name: str, version: int | None, *, by: str) -> None:
    """Let a version decide in shadow, or with None none any more.  Raises NotFound, BadRequest."""

    def change(connection: sa.Connection) -> tuple[Stages, int] | None:
        versions = versions_of(connection, name)
        stages = _stages(node, connection, name, versions)
        if version is None:
            if stages.shadow is None:
                return None
            return msgspec.structs.replace(stages, shadow=None, draft=stages.draft or stages.shadow), stages.shadow
        _exists(name, versions, version)
        if version == stages.live:
            raise BadRequest(
                f"Version {version} of {name!r} cannot run in shadow.", why="it is live", fix="name another version"
            )
        return None if version == stages.shadow else (_moved(stages, "shadow", version), version)

    action = "point.shadow_ended" if version is None else "point.shadowed"
    await _change(node, name, change, action=action, by=by, reason="")


async def _change(
    node: Node, name: str, change: Callable[[sa.Connection], tuple[Stages, int] | None], *, action: str, by: str,
    reason: str,
) -> int | None:  # fmt: skip
    """Definition, stages and audit row in one transaction, then what decides; None if nothing changed."""

    def written() -> tuple[Stages, int, dict[int, Version]] | None:
        with node.catalogue.begin() as connection:
            before = _stages(node, connection, name, versions_of(connection, name))
            if (made := change(connection)) is None:
                return None
            stages, version = made
            _insert(connection, STAGES, name, msgspec.to_builtins(stages), by=by)
            details: dict[str, audit.Detail] = {"version": version, "live_before": before.live, "live": stages.live}
            audit.append(
                connection, action, who=by, kind="point", name=name, at=now_ms(), reason=reason, details=details
            )
            return stages, version, versions_of(connection, name)

    if (done := await asyncio.to_thread(written)) is None:
        return None
    _use(node, name, done[0], done[2])
    return done[1]


def _use(node: Node, name: str, stages: Stages, versions: dict[int, Version]) -> None:
    live = node.file_points.get(name) if stages.live == FILE else versions[stages.live].point if stages.live else None
    tried = versions[stages.shadow].point if stages.shadow else None
    for points, point in ((node.points, live), (node.shadows, tried)):
        if point is None:
            points.pop(name, None)
        elif points.get(name) != point:
            points[name] = point


def _moved(stages: Stages, stage: Stage, version: int) -> Stages:
    """The stages once a version is in another one."""
    rest: dict[str, Any] = {name: None for name in ("shadow", "draft") if getattr(stages, name) == version}
    if stage == "live":
        return msgspec.structs.replace(stages, **rest | {"live": version, "previous": stages.live})
    return msgspec.structs.replace(stages, **rest | {stage: version})


def _file_version(node: Node, name: str) -> list[int]:
    """The number of the file's version, which its records carry."""
    return [node.file_points[name].version] if name in node.file_points else []


def _equal(node: Node, point: Point, stages: Stages, versions: dict[int, Version]) -> int | None:
    """The version that says the same: the live one, the file's, or the newest."""
    form, file = kept_form(point), node.file_points.get(point.id)
    if stages.live == FILE and file is not None and kept_form(file) == form:
        return FILE
    tried = [version for version in (stages.live, max(versions, default=None)) if version]
    return next((version for version in tried if kept_form(versions[version].point) == form), None)


def _stages(node: Node, connection: sa.Connection, name: str, versions: dict[int, Version]) -> Stages:
    kept = connection.scalar(
        sa.select(definitions.c.body)
        .where(definitions.c.kind == STAGES, definitions.c.name == name)
        .order_by(definitions.c.version.desc())
        .limit(1)
    )
    return stages_of(node.file_points, versions, None if kept is None else msgspec.json.decode(kept), name)


def _read(node: Node, name: str) -> tuple[Stages, dict[int, Version]]:
    with node.catalogue.begin() as connection:
        versions = versions_of(connection, name)
        return _stages(node, connection, name, versions), versions


def _exists(name: str, versions: dict[int, Version], version: int) -> None:
    if version not in versions:
        raise NotFound(
            f"The decision point {name!r} has no version {version}.",
            why=f"its versions are {', '.join(map(str, versions)) or 'none'}",
            fix="name one of these",
        )


def _insert(
    connection: sa.Connection, kind: str, name: str, body: object, *, by: str, version: int | None = None
) -> None:
    """A definition under its own number, or the next."""
    if version is None:
        newest = sa.select(sa.func.max(definitions.c.version))
        newest = newest.where(definitions.c.kind == kind, definitions.c.name == name)
        version = 1 + int(connection.scalar(newest) or 0)
    text = msgspec.json.encode(body, order="sorted").decode()
    values = {"kind": kind, "name": name, "version": version, "body": text, "author": by, "at": now_ms()}
    connection.execute(definitions.insert().values(**values))
