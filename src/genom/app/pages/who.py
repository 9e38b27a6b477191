"""Who a person is, masked: nothing here names anybody, yet somebody who knows them recognises them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Final

import msgspec
import numpy as np

from genom.app.node import Node
from genom.app.pipeline import vault_place
from genom.app.show.clean import clean
from genom.console.person import Head
from genom.journal import Located
from genom.words import Kind, strength

__all__ = ["head_of", "identifier_name", "identifiers_of", "masked", "masked_identifier", "values_of"]

_DOTS: Final = "•••"
_NAMES: Final[Mapping[str, tuple[str, str]]] = {
    "user_id": ("customer", "Kundennummer"),
    "anonymous_id": ("device", "Gerät"),
    "email": ("e-mail", "E-Mail"),
    "phone": ("phone", "Telefon"),
    "card": ("card", "Karte"),
    "address": ("address", "Anschrift"),
    "name": ("name", "Name"),
    "first_name": ("first name", "Vorname"),
    "last_name": ("last name", "Nachname"),
}
_DIRECT: Final = ("name", "first_name", "last_name", "email", "phone", "address")
_SHOWN: Final = 5  # identifiers in the head


def identifier_name(kind: str, language: str) -> str:
    """What an identifier is called.

    >>> identifier_name("card", "de"), identifier_name("crm", "en")
    ('Karte', 'crm')
    """
    return _NAMES[kind][language == "de"] if kind in _NAMES else clean(kind, most=40)


def masked(value: str) -> str:
    """A value of which only the ends are left.

    >>> masked("C-204118"), masked("u1"), masked("household-0042")
    ('C-•••18', 'u•••', 'ho•••42')
    """
    value = clean(value, most=80)
    return f"{value[:2]}{_DOTS}{value[-2:]}" if len(value) >= 8 else f"{value[:1]}{_DOTS}"


def masked_identifier(kind: str, value: str) -> str:
    """A value masked as its type allows: of an address for mail, the domain stays.

    >>> masked_identifier("email", "mara@lindner.example"), masked_identifier("phone", "+49301234567")
    ('m•••@lindner.example', '•••567')
    >>> masked_identifier("name", "Ada Lovelace")
    'A••• L•••'
    """
    if kind == "email" and "@" in value:
        name, _, domain = clean(value, most=120).rpartition("@")
        return f"{name[:1]}{_DOTS}@{domain}"
    if kind == "phone":
        return f"{_DOTS}{clean(value)[-3:]}"
    return _initials(value) if kind.endswith("name") else masked(value)


def _initials(name: str) -> str:
    return " ".join(f"{word[:1]}{_DOTS}" for word in clean(name, most=80).split()[:3])


def identifiers_of(node: Node, found: Located) -> list[tuple[int, str, str]]:
    """Profile, type and plain value ("" if it lies in the vault) of each identifier among a person's rows."""
    told = []
    for index in np.flatnonzero(found.rows["kind"] == Kind.IDENTIFIER).tolist():
        body = msgspec.json.decode(node.journal.body(found.places[index]))
        told.append((int(found.rows["profile"][index]), str(body["type"]), str(body.get("value", ""))))
    return sorted(told, key=lambda one: (strength(one[1]), one[0]))


def head_of(node: Node, person: int, found: Located, *, language: str) -> Head:
    """The head of a person's page; `found` are the person's rows."""
    direct: dict[str, str] = {}
    for profile in node.world.people.members(person):
        direct = node.vault.get(vault_place(node.world, profile)) | direct
    name = direct.get("name") or f"{direct.get('first_name', '')} {direct.get('last_name', '')}".strip()
    words = clean(name, most=80).split()
    public = node.public.name(person)
    return Head(
        id=public,
        title=_initials(name) or f"Person {public[:7]}",
        initials="".join(word[:1] for word in (words[:1] + words[-1:] if len(words) > 1 else words)).upper(),
        identifiers=_identifiers(identifiers_of(node, found), direct, language),
        since=_since(node, found),
    )


def values_of(node: Node, person: int, found: Located) -> list[tuple[str, str]]:
    """Type and value, in full, of everything that names a person: what the vault keeps, then identifiers."""
    kept = [node.vault.get(vault_place(node.world, profile)) for profile in node.world.people.members(person)]
    values = [(kind, values[kind]) for kind in _DIRECT for values in kept if values.get(kind)]
    values += [(kind, value) for _, kind, value in identifiers_of(node, found) if value]
    return list(dict.fromkeys(values))


def _identifiers(
    told: list[tuple[int, str, str]], direct: Mapping[str, str], language: str
) -> tuple[tuple[str, str], ...]:  # fmt: skip
    shown = [(kind, direct[kind]) for kind in ("email", "phone") if kind in direct]
    shown += [(kind, value) for _, kind, value in told if value and kind != "anonymous_id"]
    pairs = [(identifier_name(kind, language), masked_identifier(kind, value)) for kind, value in shown[:_SHOWN]]
    if devices := Counter(kind for _, kind, _ in told)["anonymous_id"]:
        pairs.append(_devices(devices, language))
    return tuple(dict.fromkeys(pairs))


def _devices(number: int, language: str) -> tuple[str, str]:
    if language == "de":
        return ("Geräte", str(number))
    return ("devices", str(number))


def _since(node: Node, found: Located) -> int:
    rows, service = found.rows, np.uint64(node.purposes.bit("service"))
    times = rows["ts"][(rows["kind"] < 200) & (rows["mask"] & service == service)]
    return int(times.min()) if len(times) else 0
