"""A data directory keeps its purposes: a new version of Genom comes with others, and does not change them.

Windows overwrite events, and a changed text ends grants; so both are the operator's to take.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any, Final

import yaml

from genom.app import audit
from genom.app.catalogue import Catalogue
from genom.consent import Purposes, load_purposes
from genom.keys import write_private

__all__ = ["KEPT", "keep_purposes"]

log = logging.getLogger("genom.purposes")

KEPT: Final = "purposes.kept"
_FROM: Final = "purposes_from"  # in the catalogue: "file" or "Genom"; directories of before do not know
_HEAD: Final = """\
# The purposes that this data directory had when a Genom came with others; they are in force and stay so.
# To take those of the new Genom, stop the node, remove this file and start again.
# The fields are explained in the purposes.yaml that comes with Genom, and in docs/reference/purposes.md.

"""


def keep_purposes(directory: Path, catalogue: Catalogue, *, now: int) -> None:
    """Write down as `purposes.yaml` what was in force, if that came with an older Genom, and tell it.

    An operator who has removed the file takes what comes with this Genom.
    """
    file = directory / "purposes.yaml"
    if not file.exists() and catalogue.get(_FROM) != "file":
        before, after = _whole(catalogue.defined("purposes", "registry")), load_purposes()
        if before is not None and before.as_definition() != after.as_definition():
            _tell(catalogue, [*sorted(_differing(before, after))], now=now)
            write_private(file, _text(before.as_definition()))
    catalogue.put(_FROM, "file" if file.exists() else "Genom")


def _whole(stored: Any) -> Purposes | None:
    """The purposes of the catalogue; None before the first start, and of a version that said too little."""
    found = None if stored is None else Purposes.from_definition(stored)
    return found if found and all(one.categories for one in found.every) else None


def _differing(before: Purposes, after: Purposes) -> set[str]:
    one, other = (dict(purposes.by_name) for purposes in (before, after))
    return {name for name in one.keys() | other.keys() if one.get(name) != other.get(name)}


def _text(definition: dict[str, Any]) -> bytes:
    return (_HEAD + yaml.safe_dump(definition, allow_unicode=True, sort_keys=False, width=120)).encode()


def _tell(catalogue: Catalogue, differing: list[str | int], *, now: int) -> None:
    log.warning(
        "this Genom comes with other purposes than this directory has; those in force stay, written to purposes.yaml",
        extra={"purposes": differing, "fix": "to take the new ones remove the file and start again"},
    )
    with catalogue.begin() as connection:
        audit.append(
            connection, KEPT, who="node", kind="purposes", name="registry", at=now, details={"purposes": differing}
        )
