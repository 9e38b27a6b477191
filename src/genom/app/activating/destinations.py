"""Destinations in the catalogue: every version with author and time; a removal is a version, too."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import msgspec

from genom.activate import Destination, Known, PurposeOf, kept_form, read_destination
from genom.app import audit
from genom.errors import BadRequest, NotFound, nearest
from genom.typed import converted

if TYPE_CHECKING:
    from genom.app.node import Node

__all__ = [
    "Kept",
    "define_destinations",
    "known_now",
    "pseudonym_secret",
    "remove_destination",
    "signing_secret",
    "stored_destinations",
]

KIND: Final = "destination"
_MOST: Final = 50  # destinations of a node
_REMOVED: Final = "removed"
_FIXED: Final = ("recipient", "url", "removal", "expires_days")


class Kept(msgspec.Struct, frozen=True):
    """A destination and how it stands."""

    destination: Destination
    version: int
    removed: bool  # it takes nobody any more, and everybody leaves


def stored_destinations(node: Node) -> dict[str, Kept]:
    """Every destination that was ever defined, by id."""
    return {
        name: Kept(converted(body["destination"], Destination), version, bool(body.get(_REMOVED)))
        for name, (version, body) in node.catalogue.all_defined(KIND).items()
    }


def known_now(node: Node) -> Known:
    """What a definition may refer to."""
    purposes = {
        one.name: PurposeOf(
            recipients=one.recipients,
            needs_consent=one.needs_consent,
            special=one.special_categories,
            google=one.google,
        )
        for one in node.purposes.every
    }
    return Known(purposes=purposes, segments=[one.id for one in node.segments.newest()] + list(node.segments.lost))


def define_destinations(node: Node, bodies: Sequence[object], known: Known, *, author: str, now: int) -> list[Kept]:
    """Check all, then keep those that changed as new versions.  Raises BadRequest that tells the path."""
    before = stored_destinations(node)
    given = [read_destination(body, known, f"$.destinations[{i}]") for i, body in enumerate(bodies)]
    if (many := len(before.keys() | {one.id for one in given})) > _MOST:
        raise BadRequest(f"There would be {many} destinations.", why=f"a node keeps {_MOST}", fix="change one of them")
    for found in given:
        _check_place(found, before.get(found.id))
    return [_kept(node, found, before.get(found.id), author=author, now=now) for found in given]


def _check_place(found: Destination, old: Kept | None) -> None:
    if old and any(getattr(old.destination, name) != getattr(found, name) for name in _FIXED):
        raise BadRequest(
            f"The destination {found.id!r} cannot change its {', '.join(_FIXED)}.",
            why="those who were sent there could no longer be removed, or not in time",
            fix="define another one under another id, and remove this one",
            code="destinations.moved",
        )


def _kept(node: Node, found: Destination, old: Kept | None, *, author: str, now: int) -> Kept:
    version = node.catalogue.define(KIND, found.id, {"destination": kept_form(found)}, author=author, at=now)
    if old is None or old.version != version:
        details: dict[str, Any] = {"version": version, "purposes": list(found.purposes), "recipient": found.recipient}
        audit.record(
            node.catalogue, "destination.defined", who=f"key:{author}", kind=KIND, name=found.id, at=now,
            details=details,
        )  # fmt: skip
    return Kept(found, version, removed=False)


def remove_destination(node: Node, name: str, *, author: str, now: int) -> None:
    """Everybody leaves it; the definition stays readable.  Raises NotFound."""
    known = stored_destinations(node)
    if name not in known or known[name].removed:
        raise NotFound(
            f"There is no destination {name[:60]!r}.",
            why="it was never defined, or it was removed",
            fix=nearest(name, [one for one, kept in known.items() if not kept.removed]) or "see GET /v1/destinations",
            code="destinations.not-found",
        )
    body = {"destination": kept_form(known[name].destination), _REMOVED: True}
    node.catalogue.define(KIND, name, body, author=author, at=now)
    audit.record(node.catalogue, "destination.removed", who=f"key:{author}", kind=KIND, name=name, at=now)


def pseudonym_secret(node: Node) -> bytes:
    """What pseudonyms are made with; it is stored nowhere."""
    return _secret(node, "pseudonyms")


def signing_secret(node: Node, found: Destination) -> bytes:
    """What signs the messages to a destination; it is stored nowhere, and another `signing` gives another one."""
    return _secret(node, f"webhook\0{found.id}\0{found.signing}")


def _secret(node: Node, what: str) -> bytes:
    return hmac.digest(node.data.secrets.public, b"genom.activate\0" + what.encode(), "sha256")
