"""Whether a rejected event names a person, without taking those of others for theirs.

It does if, read as JSON, it gives an identifier of the person in a field for identifiers (`userId`, `anonymousId`,
`previousId`, an external id, one of a merge, e-mail address or telephone number among traits or properties).  What is
compared is the identifier and its keyed hash, so an address of before counts too, though nobody knows it in plain any
more.  An event under no identifier at all names whoever has its full name.

And it does if it has, anywhere, a value that means nobody else: an e-mail address, a telephone number, an identifier
of eight characters or more that is no mere word and no short number.  `5`, `anna` or a street are no such values.
What is no JSON is searched for these, and for identifiers behind the names of their fields.  What a request said for
all of its events counts as said by each.

A payload of Snowplow's trackers and an address are read in the same way, what is packed in them too; a webhook's body
gives identifiers where its rules look for them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any, Final

import msgspec

from genom.collect import BadRow, merged_in, readings
from genom.privacy import Subject
from genom.words import Identifier

__all__ = ["Place", "named_in", "naming"]

Place = tuple[str, Callable[[object], Iterable[object]]]
"""The type of an identifier, and what finds its values in a body."""

_IDS: Final = {"userId": ("user_id",), "anonymousId": ("anonymous_id",), "previousId": ("user_id", "anonymous_id")}
_NAMES: Final = {"name", "first_name", "last_name", "address"}  # many have the same
_LONG: Final = 8  # characters of an identifier that is no word
_LONG_NUMBER: Final = 10  # digits of one that is a number
_PHONE: Final = 7  # digits


def naming(
    subject: Subject, *, token: Callable[[str, str], str], places: Collection[Place] = ()
) -> Callable[[BadRow], bool]:
    """Whether a row names the person; `token` gives the keyed hash of type and value of an identifier.

    `places`: where webhooks look for identifiers.

    >>> known = (Identifier("first_name", "Anna"), Identifier("email", "a@b.example"), Identifier("user_id", "5"))
    >>> subject = Subject(person=1, profiles=(1,), public=(), tokens=(), identifiers=known)
    >>> names = naming(subject, token=lambda *name: str(name))
    >>> row = BadRow(0, "shop", 0, None, "collect.json", "not JSON", b"")
    >>> raws = [b'{"userId":5}', b'{"userId": "5", ', b'{"x":"to A@b.example"}']
    >>> raws += [b'{"userId":"6","price":5,"to":"Anna"}', b'{"userId":"6","price":NaN,"id":5}']
    >>> [names(msgspec.structs.replace(row, raw=raw)) for raw in raws]
    [True, True, True, False, False]
    """
    known = {one for one in subject.identifiers if one.value}
    called = {one.type: one.value for one in known if one.type in _NAMES}
    anywhere = _words({one.value for one in known if _is_unmistakable(one)})
    fields = _fields({one.value for one in known if one.type not in _NAMES})
    tokens = {*subject.tokens, *(token(one.type, one.value) for one in known if one.type not in _NAMES)}

    def names(row: BadRow) -> bool:
        events, shared = readings(row.raw), _shared(row)
        texts = [row.raw, (row.message_id or "").encode(), row.message.encode(), row.came.context if row.came else b""]
        texts += map(_written, [*events, *shared])
        if any(map(anywhere.search, texts)) or (not events and fields.search(row.raw)):
            return True
        given = [one for event in [*events, *shared] for one in _identifiers(event)]
        given += [
            Identifier(kind, text)
            for kind, read in places
            for event in events[:1]
            for text in map(_text, read(event))
            if text
        ]
        if not given:
            return any(_is_called(event, called) for event in events)
        return any(token(one.type, one.value) in tokens for one in given)

    return names


def named_in(row: BadRow) -> set[str]:
    """The values of all identifiers under which a row says that it stands, in small letters; none if it is no JSON.

    >>> row = BadRow(0, "shop", 0, None, "collect.nan", "m", b'{"userId":"U1","traits":{"email":"a@b.example"}}')
    >>> sorted(named_in(row))
    ['a@b.example', 'u1']
    """
    return {one.value.casefold() for event in [*readings(row.raw), *_shared(row)] for one in _identifiers(event)}


def _shared(row: BadRow) -> list[object]:
    """What the row's request said for all of its events."""
    if row.came is None:
        return []
    return [
        {"context": context, "anonymousId": row.came.anonymous_id} for context in readings(row.came.context) or [{}]
    ]


def _written(event: object) -> bytes:
    """What was read, as plain text: an address writes @ in another way, and base64 everything."""
    return json.dumps(event, ensure_ascii=False).encode(errors="replace")


def _identifiers(event: object) -> Iterator[Identifier]:
    """Under whom an event says that it stands."""
    said = _mapping(event)
    for field, types in _IDS.items():
        yield from (Identifier(one, _text(said.get(field))) for one in types if _text(said.get(field)))
    context = _mapping(said.get("context"))
    externals = context.get("externalIds")
    for external in externals if isinstance(externals, list) else ():
        kind, value = _mapping(external).get("type"), _text(_mapping(external).get("id"))
        if isinstance(kind, str) and value:
            yield Identifier(kind, value)
    yield from (Identifier(kind, value) for kind, value in merged_in(said))
    for traits in _traits(said):
        yield from (Identifier(one, _text(traits.get(one))) for one in ("email", "phone") if _text(traits.get(one)))


def _traits(event: dict[str, Any]) -> list[dict[str, Any]]:
    context = _mapping(event.get("context"))
    return [_mapping(one) for one in (event.get("traits"), context.get("traits"), event.get("properties"))]


def _is_called(event: object, called: dict[str, str]) -> bool:
    """Whether an event under no identifier has the person's full name."""
    for traits in _traits(_mapping(event)):
        said = {
            "name": _text(traits.get("name")),
            "first_name": _text(traits.get("firstName")) or _text(traits.get("first_name")),
            "last_name": _text(traits.get("lastName")) or _text(traits.get("last_name")),
        }
        if _full_names(said) & _full_names(called):
            return True
    return False


def _full_names(said: Mapping[str, str]) -> set[str]:
    """A name, and first and last name together, as they are compared."""
    first, last = said.get("first_name", ""), said.get("last_name", "")
    return {one.casefold() for one in (said.get("name", ""), f"{first} {last}" if first and last else "") if one}


def _is_unmistakable(one: Identifier) -> bool:
    if one.type in _NAMES:
        return False
    digits = sum(letter.isdigit() for letter in one.value)
    if one.type == "email" or "@" in one.value:
        return True
    if one.type == "phone":
        return digits >= _PHONE
    if one.value.isalpha():
        return False
    return len(one.value) >= (_LONG_NUMBER if one.value.isdigit() else _LONG)


def _words(values: set[str]) -> re.Pattern[bytes]:
    """Finds values as whole words, in any case, plain or as JSON writes them."""
    return re.compile(rf"(?<![0-9A-Za-z])(?:{_any_of(values)})(?![0-9A-Za-z])".encode(), re.IGNORECASE)


def _fields(values: set[str]) -> re.Pattern[bytes]:
    """Finds values behind the names of their fields, in what is no JSON."""
    names = "userId|anonymousId|previousId|email|phone|id|uid|duid"
    return re.compile(rf'"?\b(?:{names})"?\s*[:=]\s*"?(?:{_any_of(values)})(?![0-9A-Za-z])'.encode(), re.IGNORECASE)


def _any_of(values: set[str]) -> str:
    forms = {form for one in values for form in (one, msgspec.json.encode(one)[1:-1].decode(), ascii(one)[1:-1])}
    return "|".join(re.escape(form) for form in sorted(forms, key=len, reverse=True)) or "(?!)"


def _mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str:
    """A text or a number as text; "" for anything else."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip() if isinstance(value, str | int | float) and not isinstance(value, bool) else ""
