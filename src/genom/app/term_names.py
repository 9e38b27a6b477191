"""What people read for a term of the catalogue, such as a department: names by language, kept with the products."""

from __future__ import annotations

from collections.abc import Mapping
from threading import Lock
from typing import Final
from weakref import WeakKeyDictionary

from genom.app.catalogue import Catalogue
from genom.app.show.clean import clean
from genom.errors import BadRequest

__all__ = ["name_terms", "names_of"]

_KEY: Final = "category_names"
_MOST: Final = 5_000
_LONGEST: Final = 80  # characters of a name
_READ: Final[WeakKeyDictionary[Catalogue, dict[str, dict[str, str]]]] = WeakKeyDictionary()
_LOCK: Final = Lock()  # names are written by a thread


def name_terms(catalogue: Catalogue, names: Mapping[str, Mapping[str, str]]) -> None:
    """Name terms, or name them anew; raises BadRequest for names that nobody could read."""
    for term, told in names.items():
        for language, name in told.items():
            if not name.strip() or len(name) > _LONGEST or language not in {"en", "de"}:
                raise BadRequest(
                    f"The name of {term[:60]!r} in {language[:10]!r} cannot be used.",
                    why=f"names are 1 to {_LONGEST} characters, in `en` and `de`",
                    fix="correct `$.names`",
                )
    kept = dict(names_of(catalogue)) | {term: dict(told) for term, told in names.items()}
    if len(kept) > _MOST:
        raise BadRequest(f"There would be {len(kept):,} names.", why=f"at most {_MOST:,} are kept", fix="name fewer")
    with _LOCK:
        catalogue.put(_KEY, kept)
        _READ.pop(catalogue, None)


def names_of(catalogue: Catalogue) -> Mapping[str, Mapping[str, str]]:
    """Term → its name by language; the same object until a term is named anew."""
    with _LOCK:
        if (found := _READ.get(catalogue)) is None:
            kept: dict[str, dict[str, str]] = catalogue.get(_KEY) or {}
            found = _READ[catalogue] = {
                term: {language: clean(name, most=_LONGEST) for language, name in told.items()}
                for term, told in kept.items()
            }
    return found
