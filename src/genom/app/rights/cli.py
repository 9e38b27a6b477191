"""`genom export`: a copy of everything that a node holds of a person, as a file."""

from __future__ import annotations

from pathlib import Path

import msgspec

from genom.app.client import server_key, serving_node
from genom.app.sample.client import NodeClient
from genom.errors import BadConfiguration, BadRequest
from genom.keys import write_private

__all__ = ["export_person", "import_person"]


def export_person(data: Path, out: Path, *, kind: str, value: str, language: str, reason: str, force: bool) -> int:
    """Write the ZIP file, readable by its owner alone; returns its bytes.

    Raises BadRequest for a file that exists, BadConfiguration if no node serves the directory, and what that refuses.
    """
    if out.exists() and not force:
        raise BadRequest(f"{out} exists.", why="it would be replaced", fix="name another file, or add --force")
    if not out.parent.is_dir():
        raise BadRequest(f"There is no directory {out.parent}.", why="the file should go there", fix="make it first")
    node = serving_node(data)
    if node is None:
        raise BadConfiguration(
            f"No node serves {data}.", why="a copy is made by the running node", fix="start `genom up`, then try again"
        )
    client = NodeClient(str(node["url"]), server_key(data), patience=5)
    try:
        body = msgspec.json.encode({"type": kind, "value": value})
        person = msgspec.json.decode(client.call("POST", "/v1/people:lookup", body))["person"]
        headers = {"X_Reason": reason} if reason else {}
        packed = client.call("GET", f"/v1/people/{person}/export?language={language}", None, **headers)
    finally:
        client.close()
    write_private(out.resolve(), packed)
    return len(packed)


def import_person(data: Path, file: Path) -> str:
    """Send a copy to the running node; returns what came of it as JSON.

    Raises BadRequest for a file that cannot be read, BadConfiguration if no node serves the directory, and what that
    refuses.
    """
    try:
        packed = file.read_bytes()
    except OSError as error:
        raise BadRequest(f"{file} cannot be read.", why=str(error.strerror), fix="check its path") from error
    node = serving_node(data)
    if node is None:
        raise BadConfiguration(
            f"No node serves {data}.", why="a copy is taken in by the running node", fix="start `genom up`, then again"
        )
    client = NodeClient(str(node["url"]), server_key(data), patience=5)
    try:
        taken = msgspec.json.decode(client.call("POST", "/v1/people:import-copy", packed))
    finally:
        client.close()
    return msgspec.json.format(msgspec.json.encode(taken)).decode()
