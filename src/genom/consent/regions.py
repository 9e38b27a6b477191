"""Where the law that counts for a person is known from: a field of events names a country, a table its region."""

from __future__ import annotations

import re
from typing import Annotated, Any, Final

import msgspec

from genom.errors import BadConfiguration
from genom.typed import converted

__all__ = ["UNKNOWN", "Regions", "parse_regions"]

UNKNOWN: Final = ""
"""The region of a country that the table lacks: the strictest basis of each purpose counts."""

_FIELD: Final = re.compile(r"(traits|context)(\.\w{1,60}){1,4}")
_PLACES: Final = "name a trait or a field of the context, such as traits.country or context.location.country"


class Regions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"field": "from"}):
    """The part `regions` of `purposes.yaml`.

    >>> regions = parse_regions({"from": "traits.country", "countries": {"DE": "eu", "US": "us"}}, where="x")
    >>> regions.region_of("de "), regions.region_of("Atlantis"), regions.names
    ('eu', '', ('eu', 'us'))
    """

    field: Annotated[str, msgspec.Meta(max_length=300)]  # dotted path into an event, from traits or context
    countries: Annotated[dict[str, str], msgspec.Meta(min_length=1)]  # country as events spell it → region

    @property
    def names(self) -> tuple[str, ...]:
        """The regions of the table, each once."""
        return tuple(dict.fromkeys(self.countries.values()))

    def region_of(self, said: object) -> str:
        """The region of what somebody gives as a country; UNKNOWN for what the table lacks."""
        return self.countries.get(_spelled(said), UNKNOWN) if isinstance(said, str) else UNKNOWN

    def as_definition(self) -> dict[str, Any]:
        """The part as `purposes.yaml` writes it."""
        found: dict[str, Any] = msgspec.to_builtins(self)
        return found


def parse_regions(definition: object, *, where: str) -> Regions:
    """The part `regions` of a definition; `where` names the file in errors.  Raises BadConfiguration."""
    countries = definition.get("countries") if isinstance(definition, dict) else None
    for country in countries if isinstance(countries, dict) else ():
        if not isinstance(country, str):
            raise _bad(
                f"names a country {country!r}", where, "put countries into quotes: YAML reads a bare NO as false"
            )
    try:
        regions = converted(definition, Regions)
    except msgspec.ValidationError as error:
        raise _bad(f"is unusable: {error}", where, "write 'from', and 'countries' as {DE: eu, US: us}") from error
    if not _FIELD.fullmatch(regions.field):
        raise _bad(f"takes it from {regions.field!r}", where, _PLACES)
    spelled = dict[str, str]()
    for country, region in regions.countries.items():
        if spelled.setdefault(_spelled(country), region) != region:
            raise _bad(f"gives {country!r} two regions", where, "capitals make no difference; keep one of them")
    return msgspec.structs.replace(regions, countries=spelled)


def _spelled(country: str) -> str:
    return country.strip().casefold()


def _bad(what: str, where: str, fix: str) -> BadConfiguration:
    return BadConfiguration(f"The part 'regions' {what}.", why=f"{where} defines it so", fix=fix)
