"""A destination as it is declared, and what is refused before anything can leave (P15, P36, P60)."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlsplit

import msgspec

from genom.errors import BadRequest, nearest
from genom.typed import converted

__all__ = ["Destination", "Known", "PurposeOf", "kept_form", "read_destination"]

_ID: Final = re.compile(r"[a-z][a-z0-9_-]{0,59}")
_HOST: Final = re.compile(r"(?!.*\.\.)[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?")
_EEA: Final = frozenset(
    "AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE IS LI NO".split()  # noqa: SIM905
)
_LONGEST: Final = 30  # days that a membership may outlive a withdrawal where nobody can be removed
_BOTH: Final = frozenset({"ad_user_data", "ad_personalization"})
_TEXT: Final = 200  # characters

Text = Annotated[str, msgspec.Meta(min_length=1, max_length=_TEXT)]


class Destination(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """Where the people of a segment are sent, and on which terms."""

    id: str
    label: dict[str, Text]  # at least en and de
    recipient: Text  # who receives it, as the purposes name it
    country: str  # ISO 3166-1 alpha-2
    contract: Literal["processor", "joint", "third_party"]
    purposes: Annotated[tuple[str, ...], msgspec.Meta(min_length=1, max_length=16)]  # a person permits all, or is out
    segment: str
    url: Annotated[str, msgspec.Meta(max_length=500)]
    removal: Literal["api", "expiry", "none"]  # how somebody gets out again
    expires_days: Annotated[int, msgspec.Meta(ge=0, le=3650)] = 0  # days after which the recipient forgets a member
    transfer: Annotated[str, msgspec.Meta(max_length=_TEXT)] = ""  # instrument, for countries outside the EEA
    signals: Literal["", "google"] = ""  # "google": consent goes along as Consent Mode v2 names it
    signing: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 1  # another number, another secret for signatures
    pseudonym_days: Annotated[int, msgspec.Meta(ge=0, le=3650)] = 0  # after which people get other names; 0 = never
    send: tuple[Literal["email_sha256", "phone_sha256"], ...] = ()  # beside the pseudonym; nobody is sent without any


@dataclass(frozen=True, slots=True, kw_only=True)
class PurposeOf:
    """What a destination needs to know of a purpose."""

    recipients: Collection[str]
    needs_consent: bool
    special: bool  # data on health, belief and the like
    google: Collection[str]  # signals of Consent Mode that stand for it


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What there is to refer to."""

    purposes: Mapping[str, PurposeOf]
    segments: Collection[str]


def kept_form(destination: Destination) -> dict[str, Any]:
    """The definition as it is kept."""
    kept: dict[str, Any] = msgspec.to_builtins(destination)
    return kept


def read_destination(body: object, known: Known, path: str = "$") -> Destination:
    """A destination, checked; raises BadRequest that tells the path, what is wrong and how to put it right.

    >>> shop = PurposeOf(recipients=["Mailer Ltd"], needs_consent=True, special=False, google=[])
    >>> body = {
    ...     "id": "mail", "label": {"en": "Mail", "de": "Post"}, "recipient": "Mailer Ltd", "country": "DE",
    ...     "contract": "processor", "purposes": ["email"], "segment": "regulars",
    ...     "url": "https://mail.example/genom", "removal": "none",
    ... }
    >>> read_destination(body, Known(purposes={"email": shop}, segments=["regulars"]))
    Traceback (most recent call last):
        ...
    genom.errors.BadRequest: $.removal: nobody could be removed there.
      why: a withdrawal must reach every recipient (GDPR 7(3), 19)
      fix: use a recipient that removes members, or one that forgets them within 30 days
    """
    try:
        found = converted(body, Destination)
    except msgspec.ValidationError as error:
        raise BadRequest(f"{path}: {error}.", why="it is no definition of a destination", fix="correct it") from error
    _check_names(found, known, path)
    _check_terms(found, known, path)
    _check_url(found.url, path)
    return found


def _check_names(found: Destination, known: Known, path: str) -> None:
    if not _ID.fullmatch(found.id):
        raise _bad(path, "id", "it cannot be used", "lower-case letters, digits, _ and - make an id", "choose another")
    if not {"en", "de"} <= found.label.keys():
        raise _bad(path, "label", "a language is missing", "marketers read English and German", "write en and de")
    for name in found.purposes:
        if name not in known.purposes:
            fix = nearest(name, known.purposes) or "see purposes.yaml"
            raise _bad(path, "purposes", f"there is no purpose {name[:60]!r}", "purposes.yaml has none", fix)
    if found.segment not in known.segments:
        fix = nearest(found.segment, known.segments) or "see `genom segment list`"
        raise _bad(path, "segment", f"there is no segment {found.segment[:60]!r}", "it was never defined", fix)


def _check_terms(found: Destination, known: Known, path: str) -> None:
    purposes = {name: known.purposes[name] for name in found.purposes}
    for name, purpose in purposes.items():
        if found.recipient not in purpose.recipients:
            raise _bad(
                path, "recipient", f"the purpose {name} does not name {found.recipient!r}",
                "people permit a purpose with the recipients that it names",
                f"add it to `recipients` of {name} in purposes.yaml; a changed text needs new consent",
            )  # fmt: skip
        if purpose.special:
            raise _bad(
                path, "purposes", f"{name} is about special categories of data", "they never leave for an audience",
                "name another purpose",
            )  # fmt: skip
    if found.removal == "none":
        raise _bad(
            path, "removal", "nobody could be removed there",
            "a withdrawal must reach every recipient (GDPR 7(3), 19)",
            f"use a recipient that removes members, or one that forgets them within {_LONGEST} days",
        )  # fmt: skip
    if found.removal == "expiry" and not 1 <= found.expires_days <= _LONGEST:
        raise _bad(
            path, "expires_days", f"{found.expires_days} days are too many or none",
            f"without a way to remove somebody a membership may last {_LONGEST} days", f"set 1 to {_LONGEST}",
        )  # fmt: skip
    if found.country not in _EEA and not found.transfer:
        raise _bad(
            path, "transfer", f"nothing covers the transfer to {found.country[:2]!r}",
            "outside the EEA a transfer needs an instrument (GDPR 44 to 49)",
            "name it, such as an adequacy decision or standard contractual clauses",
        )  # fmt: skip
    if found.contract == "third_party" and not all(purpose.needs_consent for purpose in purposes.values()):
        raise _bad(
            path, "contract", "a third party needs consent", "another purpose's basis does not carry to others",
            "name purposes that rest on consent alone",
        )  # fmt: skip
    if found.signals == "google":
        lacking = _BOTH - {signal for purpose in purposes.values() for signal in purpose.google}
        if lacking:
            raise _bad(
                path, "signals", f"no purpose stands for {' and '.join(sorted(lacking))}",
                "the recipient takes nobody without both signals", "name a purpose that purposes.yaml maps to them",
            )  # fmt: skip


def _check_url(url: str, path: str) -> None:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
        good = url.isascii() and url.isprintable() and bool(_HOST.fullmatch(host) or ":" in host)
    except ValueError:  # a port that is no number, a bracket that does not close
        good = False
    if good:
        extra = parts.username or parts.fragment or parts.query
        good = not extra and (parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(host)))
    if not good:
        raise _bad(
            path, "url", "it cannot be used", "people's data go over TLS, or to this machine",
            "write https://host/path in ASCII, without user, query and fragment",
        )  # fmt: skip


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _bad(path: str, field: str, what: str, why: str, fix: str) -> BadRequest:
    return BadRequest(f"{path}.{field}: {what}.", why=why, fix=fix, code="destinations.refused")
