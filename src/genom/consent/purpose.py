"""One purpose: what a person's data may be used for, and by which right."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Final, Literal

import msgspec

from genom.consent.categories import STORED
from genom.consent.lifetime import Lifetime, parse_lifetime
from genom.errors import BadConfiguration, nearest
from genom.typed import converted

__all__ = [
    "BASES",
    "CATEGORIES",
    "DECISION_DAYS",
    "GOOGLE",
    "GPP",
    "MAY_BE_ASSUMED",
    "Purpose",
    "check_complete",
    "parse_purpose",
]

_RECORDED: Final = ("consent", "explicit_consent", "double_opt_in", "soft_opt_in")
BASES: Final = (*_RECORDED, "contract", "legal_duty", "legitimate_interest", "opt_out", "none_needed")
"""Legal bases; the first four need a recorded choice of the person."""

_STRICTEST: Final = (
    "explicit_consent", "double_opt_in", "consent", "soft_opt_in", "opt_out", "legitimate_interest", "contract",
    "legal_duty", "none_needed",
)  # fmt: skip
"""Of the bases of several regions the first of these counts."""

MAY_BE_ASSUMED: Final = frozenset({"service", "personalise_onsite", "recommend", "measure_person"})
"""What development mode may assume at most; never e-mail, advertising, sale or special categories."""

CATEGORIES: Final = (
    "identity", "contact", "device", "visits", "purchases", "messages", "statements", "decisions", "estimates",
    "special",
)  # fmt: skip
"""Categories of data; `special` is what a catalogue tags so."""
GOOGLE: Final = (
    "ad_storage", "ad_user_data", "ad_personalization", "analytics_storage", "functionality_storage",
    "personalization_storage", "security_storage",
)  # fmt: skip
"""Signals of Google's Consent Mode v2."""

GPP: Final = ("SaleOptOut", "SharingOptOut", "TargetedAdvertisingOptOut", "SensitiveDataProcessing")
"""Fields of US sections of GPP with which people refuse."""

EXPIRES: Final = "12mo"
"""How long a grant counts where a purpose says nothing: no law names a time; authorities ask to ask again."""

DECISION_DAYS: Final = 730
"""How long the record of a decision is stored where a purpose says nothing: two years, within which claims are made."""

_ADS: Final = frozenset({2, 3, 4, 7})
"""Purposes of IAB TCF for choosing, profiling and measuring advertisements."""

_NAME: Final = re.compile(r"[a-z][a-z0-9_]*")
_FIXES: Final = {
    "bit": "give it a free number from 0 to 63",
    "text": "give it the texts en and de",
    "basis": "give it a legal basis for eu",
    "categories": f"name what it may use, of {', '.join(CATEGORIES)}",
    "read_windows": f"write days by category, of {', '.join(STORED)}",
    "storage_windows": f"write days by category, of {', '.join(STORED)}",
    "google": f"use signals of {', '.join(GOOGLE)}",
    "gpp": f"use fields of {', '.join(GPP)}",
}


class Purpose(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What data may be used for: one bit of every purpose mask.

    >>> email = Purpose(name="email", bit=6, text={"en": "News", "de": "Neues"}, basis={"eu": "double_opt_in"})
    >>> email.mask, email.needs_consent
    (64, True)
    """

    name: str
    bit: Annotated[int, msgspec.Meta(ge=0, le=63)]  # never changed, never reused
    text: dict[str, str]  # language → what the person reads
    basis: dict[str, str]  # region → legal basis, one of BASES
    assumable: bool = False  # development mode may assume it
    objectable: bool = True  # a recorded objection removes it
    balancing: str = ""  # what was weighed, for legitimate_interest
    direct_marketing: bool = False  # an objection to marketing refuses it
    decision_class: Literal["A0", "A1", "A2", "A3"] | None = None
    read_window_days: Annotated[int, msgspec.Meta(ge=1)] | None = None  # days
    storage_window_days: Annotated[int, msgspec.Meta(ge=1)] | None = None  # days; None = until erasure
    read_windows: dict[str, Annotated[int, msgspec.Meta(ge=1)]] = {}  # category → days, instead of the above
    storage_windows: dict[str, Annotated[int, msgspec.Meta(ge=1)]] = {}  # category → days, instead of the above
    consent_expires: str = EXPIRES  # how long a grant counts: months (12mo), days (400d) or never
    categories: tuple[str, ...] = ()  # of data that it may use, of CATEGORIES; required in a file
    recipients: tuple[str, ...] = ()  # who receives it outside, by name
    minors: Literal["allowed", "refused"] = "refused"  # whether it may use data of known minors
    special_categories: bool = False  # whether it may use data on health, belief, sexual life and the like
    tcf: tuple[Annotated[int, msgspec.Meta(ge=1, le=11)], ...] = ()  # purposes of IAB TCF that stand for it
    google: tuple[str, ...] = ()  # signals of Google's Consent Mode that stand for it
    gpp: tuple[str, ...] = ()  # fields of US sections of GPP that deny it
    dpia: str = ""  # where its data-protection impact assessment stands

    @property
    def mask(self) -> int:
        """The purpose's bit as a mask value."""
        return 1 << self.bit

    @property
    def needs_consent(self) -> bool:
        """Whether any region asks for a recorded choice, and so whoever is of no known region is asked."""
        return self.basis_in(()) in _RECORDED

    @property
    def differs(self) -> bool:
        """Whether it needs consent in one region and none in another."""
        return len({basis in _RECORDED for basis in self.basis.values()}) > 1

    def basis_in(self, regions: Iterable[str]) -> str:
        """The legal basis that counts in these regions: the strictest, and of no region the strictest that there is.

        A region that the purpose does not name is one where the strictest counts.

        >>> sale = Purpose(name="sale", bit=1, text={}, basis={"eu": "consent", "us": "opt_out"})
        >>> sale.basis_in(["us"]), sale.basis_in([]), sale.basis_in(["us", "eu"]), sale.basis_in(["us", "mars"])
        ('opt_out', 'consent', 'consent', 'consent')
        """
        found = [self.basis.get(region) for region in regions] or [None]
        bases = self.basis.values() if None in found else found
        return min((basis for basis in bases if basis), key=_STRICTEST.index)

    def needs_consent_in(self, region: str) -> bool:
        """Whether the law of a region asks for a recorded choice."""
        return self.basis_in([region]) in _RECORDED

    @property
    def lifetime(self) -> Lifetime:
        """How long a grant for it counts; without end for what needs no consent.

        >>> Purpose(name="x", bit=1, text={}, basis={"eu": "consent"}).lifetime
        Lifetime(months=12, days=0)
        """
        return parse_lifetime(self.consent_expires) if self.needs_consent else Lifetime()

    def read_days(self, category: str) -> int | None:
        """For how many days an event of a category serves the purpose; None = for ever.

        What is stored for a time alone is read no longer than that.
        """
        return self.read_windows.get(category, self.read_window_days) or self.storage_days(category)

    def storage_days(self, category: str) -> int | None:
        """For how many days an event of a category is stored that serves nothing else; None = until erasure.

        >>> windows = {"visits": 30}
        >>> one = Purpose(name="x", bit=1, text={}, basis={}, storage_window_days=90, storage_windows=windows)
        >>> one.storage_days("visits"), one.storage_days("purchases"), one.decision_days
        (30, 90, 90)
        """
        return self.storage_windows.get(category, self.storage_window_days)

    @property
    def decision_days(self) -> int:
        """For how many days the record of a decision for the purpose is stored."""
        return self.storage_days("decisions") or DECISION_DAYS

    @property
    def for_ads_or_prices(self) -> bool:
        """Whether it is for advertising, lookalikes, sale or prices: no special category of data ever serves it.

        >>> Purpose(name="x", bit=1, text={}, basis={"eu": "consent"}, google=("ad_user_data",)).for_ads_or_prices
        True
        """
        sold = bool({*self.gpp} - {"SensitiveDataProcessing"})
        advertised = any(signal.startswith("ad_") for signal in self.google) or bool(_ADS & {*self.tcf})
        return sold or advertised or self.decision_class == "A1"

    @property
    def text_hash(self) -> str:
        """SHA-256 of the texts: a grant covers only the text that the person saw."""
        return hashlib.sha256(msgspec.json.encode(self.text, order="sorted")).hexdigest()

    def as_definition(self) -> dict[str, Any]:
        """The purpose as `purposes.yaml` writes it below its name."""
        return {field: value for field, value in msgspec.to_builtins(self).items() if field != "name"}


_FIELDS: Final = {f.name: f for f in msgspec.structs.fields(Purpose) if f.name != "name"}


def parse_purpose(name: object, definition: object, *, where: str) -> Purpose:
    """A purpose from its definition; `where` names the file in errors.

    Raises BadConfiguration that names file, purpose and field.
    """
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise BadConfiguration(
            f"{name!r} cannot be the name of a purpose.",
            why=f"{where} names it, and names are lower-case letters, digits and _",
            fix="rename it, and put names that YAML reads as something else into quotes",
        )
    if not isinstance(definition, dict):
        raise _bad(name, "is not a mapping of fields", where, "write its fields below its name")
    _check_fields(name, definition, where)
    fields: dict[str, Any] = {field: _value(name, field, value, where) for field, value in definition.items()}
    purpose = Purpose(name=name, **fields)
    _check_texts(purpose, where)
    _check_basis(purpose, where)
    _check_rights(purpose, where)
    _check_data(purpose, where)
    _check_expiry(purpose, where)
    return purpose


def check_complete(purpose: Purpose, where: str) -> None:
    """What the records of processing (Art. 30 GDPR) need; versions of before that was asked for lack it.

    Raises BadConfiguration.
    """
    if not purpose.categories:
        raise _bad(purpose.name, "lacks the field 'categories'", where, _FIXES["categories"])


def _check_data(purpose: Purpose, where: str) -> None:
    for field, known in (("categories", CATEGORIES), ("google", GOOGLE), ("gpp", GPP)):
        for value in getattr(purpose, field):
            if value not in known:
                raise _bad(purpose.name, f"names an unknown {value!r} in {field!r}", where, _FIXES[field])
    if ("special" in purpose.categories) != purpose.special_categories:
        fix = "set 'special_categories' to true exactly where 'categories' name 'special'"
        raise _bad(purpose.name, "contradicts itself about special categories", where, fix)
    if purpose.special_categories and set(purpose.basis.values()) - {"explicit_consent"}:
        raise _bad(purpose.name, "uses special categories", where, "its only legal basis is explicit_consent")
    if purpose.special_categories and purpose.for_ads_or_prices:
        fix = "take 'special_categories' or the signals of advertising and prices (google, gpp, tcf, A1) out of it"
        raise _bad(purpose.name, "uses special categories for advertising or prices", where, fix)
    _check_windows(purpose, where)


def _check_windows(purpose: Purpose, where: str) -> None:
    window, storage = purpose.read_window_days, purpose.storage_window_days
    if window and storage and storage < window:
        raise _bad(purpose.name, "is read longer than it is stored", where, "make 'storage_window_days' longer")
    for field in ("read_windows", "storage_windows"):
        for category in getattr(purpose, field):
            if category not in STORED:
                raise _bad(purpose.name, f"sets {field!r} for {category!r}", where, _FIXES[field])
            if category not in purpose.categories:
                fix = f"add {category!r} to 'categories', or remove the window"
                raise _bad(purpose.name, f"sets {field!r} for {category!r}, which it does not use", where, fix)
    for category in STORED:
        window, storage = purpose.read_days(category), purpose.storage_days(category)
        if window and storage and storage < window:
            fix = f"make the storage window of {category!r} as long as its read window, or longer"
            raise _bad(purpose.name, f"reads {category!r} longer than it is stored", where, fix)


def _check_expiry(purpose: Purpose, where: str) -> None:
    try:
        parse_lifetime(purpose.consent_expires)
    except ValueError as error:
        fix = "write months such as '12mo' (at most 9999), days such as '400d', or 'never'"
        raise _bad(purpose.name, f"has an unusable 'consent_expires': {error}", where, fix) from error
    if purpose.consent_expires != EXPIRES and not purpose.needs_consent:
        fix = "remove it: the purpose needs no consent, so there is no grant that could run out"
        raise _bad(purpose.name, "sets 'consent_expires'", where, fix)


def _bad(name: str, what: str, where: str, fix: str) -> BadConfiguration:
    return BadConfiguration(f"Purpose {name!r} {what}.", why=f"{where} defines it so", fix=fix)


def _check_fields(name: str, definition: Mapping[Any, object], where: str) -> None:
    for field in definition:
        if field not in _FIELDS:
            hint = nearest(str(field), _FIELDS) or f"remove it; the fields are {', '.join(_FIELDS)}"
            raise _bad(name, f"has an unknown field {field!r}", where, hint)
    for field, info in _FIELDS.items():
        if info.required and field not in definition:
            raise _bad(name, f"lacks the field {field!r}", where, _FIXES[field])


def _value(name: str, field: str, value: object, where: str) -> Any:
    try:
        return converted(value, _FIELDS[field].type)
    except msgspec.ValidationError as error:
        raise _bad(name, f"has an unusable {field!r}: {error}", where, _FIXES.get(field, "correct it")) from error


def _check_texts(purpose: Purpose, where: str) -> None:
    for language in ("en", "de", *purpose.text):
        if not purpose.text.get(language, "").strip():
            raise _bad(purpose.name, f"has no {language!r} in 'text'", where, "write the text that the person reads")


def _check_basis(purpose: Purpose, where: str) -> None:
    if "eu" not in purpose.basis:
        raise _bad(purpose.name, "has no region 'eu' in 'basis'", where, _FIXES["basis"])
    for region, basis in purpose.basis.items():
        if basis not in BASES:
            hint = nearest(basis, BASES) or f"use one of {', '.join(BASES)}"
            raise _bad(purpose.name, f"has an unknown legal basis {basis!r} for {region!r} in 'basis'", where, hint)
    if "legitimate_interest" in purpose.basis.values() and not purpose.balancing.strip():
        raise _bad(purpose.name, "lacks the field 'balancing'", where, "state what was weighed for the interest")


def _check_rights(purpose: Purpose, where: str) -> None:
    if purpose.needs_consent and not purpose.objectable:
        raise _bad(purpose.name, "sets 'objectable' to false", where, "remove it: consent can always be withdrawn")
    if purpose.assumable and purpose.name not in MAY_BE_ASSUMED:
        allowed = ", ".join(sorted(MAY_BE_ASSUMED))
        raise _bad(purpose.name, "sets 'assumable' to true", where, f"remove it: only {allowed} may be assumed")
