"""Defining decision points: what a point names must exist, and every fault is told with its place."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from genom.app.decisions.actions import LEARNED_ACTIONS
from genom.app.node import Node
from genom.app.staging import Stage, define
from genom.decide import Feature, Point, check_also, check_point
from genom.errors import BadRequest, GenomError, UnknownName, nearest
from genom.genome import Genes
from genom.typed import converted
from genom.words import CHANNELS, DEVICES

__all__ = ["checked_point", "define_points"]


async def define_points(node: Node, given: list[dict[str, Any]], *, by: str, stage: Stage = "live") -> list[Point]:
    """Check all, keep those that changed as new versions in a stage, and use them from now on.  Raises BadRequest."""
    points = [checked_point(node, body, place=f"$.points[{number}]") for number, body in enumerate(given)]
    versions = [await define(node, point, stage, by=by) for point in points]
    return [msgspec.structs.replace(point, version=version) for point, version in zip(points, versions, strict=True)]


def checked_point(node: Node, body: dict[str, Any], *, place: str) -> Point:
    """The point that a body describes; raises BadRequest with the path and the nearest known name."""
    try:
        body = {name: value for name, value in body.items() if name != "version"}
        for name in body:
            _known(name, Point.__struct_fields__, "field", f"$.{name}")
        point = converted(body, Point)
        check_point(point.model, point.features, point.reward, point.shares, candidates=point.candidates)
        check_also(point.purpose, point.also)
        _known(point.purpose, node.purposes.bits, "purpose", "$.purpose")
        for number, name in enumerate(point.also):
            _known(name, node.purposes.bits, "purpose", f"$.also[{number}]")
        for number, feature in enumerate(point.features):
            _check_feature(node.world.layout.genes, feature, f"$.features[{number}]")
        if point.model == "learned":
            _check_actions(node, point)
    except msgspec.ValidationError as error:
        raise BadRequest(
            f"{place} cannot be used.", why=str(error).replace("`$", f"`{place}"), fix="see /openapi.json for its form"
        ) from None
    except GenomError as error:
        error.what = error.what.replace("$.", f"{place}.", 1)
        raise
    return point


def _known(name: str, known: Iterable[str], what: str, place: str) -> None:
    known = list(known)
    if name not in known:
        raise UnknownName(
            f"There is no {what} named {name[:60]!r} at {place}.",
            why=f"known are {', '.join(sorted(known)[:20])}",
            fix=nearest(name, known) or "use one of these",
        )


def _check_feature(genes: Genes, feature: Feature, place: str) -> None:
    _known(feature.gene, [gene.id for gene in genes], "gene", f"{place}.gene")
    gene = genes[feature.gene]
    if gene.op == "histogram":
        _check_cell(gene.property, feature, place)
    elif feature.cell:
        raise _wrong(f"{place}.cell", f"the gene {gene.id} has one value and no cells", "leave `cell` empty")
    elif feature.form == "share":
        raise _wrong(f"{place}.form", "a share is one of several cells", "use log, value or known")
    if feature.form != "known" and gene.op in {"first", "last"} and gene.property not in {"amount", "discount"}:
        raise _wrong(f"{place}.gene", f"the gene {gene.id} is no amount or number", "use its form `known`")


def _check_cell(property: str, feature: Feature, place: str) -> None:
    if not feature.cell and feature.form != "known":
        raise _wrong(f"{place}.cell", f"the gene {feature.gene} has many cells", "name one, such as a category")
    for name, words in (("channel", CHANNELS), ("device", DEVICES)):
        if property == name and feature.cell:
            _known(feature.cell, words, name, f"{place}.cell")


def _check_actions(node: Node, point: Point) -> None:
    count = sum(stored["point"] == point.id for stored in node.catalogue.actions())
    if count > LEARNED_ACTIONS:
        raise _wrong("$.model", f"the point has {count} actions, at most {LEARNED_ACTIONS} are learned", "use fewer")


def _wrong(place: str, why: str, fix: str) -> BadRequest:
    return BadRequest(f"{place} cannot be used.", why=why, fix=fix)
