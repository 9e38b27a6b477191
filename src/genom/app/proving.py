"""`genom audit check`: the proof of a row of the audit log, checked without a node."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import msgspec

from genom.app.reading import rfc3339
from genom.app.show import deed_line
from genom.errors import BadRequest
from genom.privacy.heads import Proof, problem_of
from genom.typed import from_json

__all__ = ["check_proof"]

_LARGEST: Final = 100_000  # bytes of a proof


def check_proof(file: Path, *, public_key: str) -> tuple[str, bool]:
    """What a proof shows, in words, and whether it holds.  Raises BadRequest for a file that is none."""
    text = file.read_bytes()[: _LARGEST + 1]
    try:
        proof = from_json(text, Proof)
        details = from_json(proof.row.details, dict[str, Any])
    except msgspec.DecodeError as error:
        raise BadRequest(
            f"{file.name} is no proof.", why=str(error)[:200], fix="make one with `genom audit prove ROW`",
            code="audit.no-proof",
        ) from error  # fmt: skip
    if problem := problem_of(proof, public_key=public_key):
        return f"The proof does not hold: {problem}.", False
    row, head = proof.row, proof.head
    whose = "the key that you named" if public_key else f"the key {head.public_key}: compare it with one kept elsewhere"
    shown = msgspec.to_builtins(row) | {"details": details}
    return (
        f"{deed_line(shown, rfc3339(row.at))}\n"
        f"stands in the log of {head.rows} rows whose head was signed at {rfc3339(head.at)} with {whose}."
    ), True
