"""`genom export`: a copy of everything that a node holds of a person, as a file."""

from __future__ import annotations

from pathlib import Path

import msgspec

from genom.app.client import reached
from genom.errors import BadRequest
from genom.keys import write_private

__all__ = ["export_person", "find_person", "import_person"]


def export_person(data: Path, out: Path, *, kind: str, value: str, language: str, reason: str, force: bool) -> int:
    """Write the ZIP file, readable by its owner alone; returns its bytes.

    Where no node serves the directory, it is opened.  Raises BadRequest for a file that exists or a reason of several
    lines, and what the node refuses.
    """
    if out.exists() and not force:
        raise BadRequest(f"{out} exists.", why="it would be replaced", fix="name another file, or add --force")
    if not out.parent.is_dir():
        raise BadRequest(f"There is no directory {out.parent}.", why="the file should go there", fix="make it first")
    headers = _told(reason)
    with reached(data) as way:
        body = msgspec.json.encode({"type": kind, "value": value})
        person = msgspec.json.decode(way.call("POST", "/v1/people:lookup", body, **headers))["person"]
        packed = way.call("GET", f"/v1/people/{person}/export?language={language}", None, **headers)
    write_private(out.resolve(), packed)
    return len(packed)


def _told(reason: str) -> dict[str, str]:
    """The header that says why; raises BadRequest for a reason of several lines."""
    if not reason.isprintable():
        raise BadRequest(
            "The reason cannot be kept.", why="it is one line of text", fix="leave line breaks out", code="audit.reason"
        )
    return {"X_Reason": reason} if reason else {}


def find_person(data: Path, *, kind: str, value: str, reason: str) -> str:
    """What each store holds of a person, as JSON, without what it says.

    Where no node serves the directory, it is opened.  Raises BadRequest for a reason of several lines.
    """
    body = msgspec.json.encode({"type": kind, "value": value})
    with reached(data) as way:
        found = way.call("POST", "/v1/people:find", body, **_told(reason))
    return msgspec.json.format(found).decode()


def import_person(data: Path, file: Path) -> str:
    """Take a copy in; returns what came of it as JSON.

    Where no node serves the directory, it is opened.  Raises BadRequest for a file that cannot be read, and what the
    node refuses.
    """
    try:
        packed = file.read_bytes()
    except OSError as error:
        raise BadRequest(f"{file} cannot be read.", why=str(error.strerror), fix="check its path") from error
    with reached(data) as way:
        taken = msgspec.json.decode(way.call("POST", "/v1/people:import-copy", packed))
    return msgspec.json.format(msgspec.json.encode(taken)).decode()
