"""Under which names an event knows its person."""

from __future__ import annotations

import re
from typing import Any, Final

from msgspec import UNSET

from genom.collect.rejected import Rejected
from genom.collect.wire import ExternalId, Item
from genom.words import DIRECT_TYPES, strength

__all__ = ["LONGEST", "external_name", "identifiers", "is_blocked", "text_id", "too_long"]

LONGEST: Final = 256  # characters of an identifier; `wire.Id` refuses longer ones
_MOST: Final = 8  # identifiers of an event, the strongest ones
_BLOCKED: Final = frozenset({"", "-1", "null", "anonymous"})
_TYPE: Final = re.compile(r"[a-z0-9_.]{1,40}")

Names = tuple[tuple[str, str], ...]


def identifiers(item: Item, call: str, server: bool) -> Names:
    """Type and value of each identifier, strongest first, at least one and at most eight.

    Values that stand for nobody are passed over.  Raises Rejected if none is left.
    Source: Segment, "Default external ids" and "Blocked values" of identity resolution.

    >>> identifiers(Item(userId=7, anonymousId="a"), "track", False)
    (('user_id', '7'), ('anonymous_id', 'a'))
    """
    found = []
    if item.userId is not None and (user := text_id(item.userId)):
        found.append(("user_id", user))
    if item.anonymousId is not None and (anonymous := text_id(item.anonymousId)):
        found.append(("anonymous_id", anonymous))
    names = _with_further(found, item, call, server)
    if not names:
        raise Rejected("collect.no-identifier", "", "has no identifier", "send userId, anonymousId or an external id")
    return names


def text_id(value: str | float) -> str:
    """An identifier as text, "" for a blocked value; numbers are written out.

    >>> text_id(12.0), text_id("0000-0000")
    ('12', '')
    """
    text = value if type(value) is str else str(int(value) if value == int(value) else value)
    return "" if is_blocked(text) else text


def is_blocked(value: str) -> bool:
    """Whether a value stands for nobody: `^[0-]*$`, -1, null, anonymous.

    >>> is_blocked("00000000-0000-0000"), is_blocked("0049")
    (True, False)
    """
    return value in _BLOCKED or not value.strip("0-")


def too_long(where: str, most: int) -> Rejected:
    """The refusal of an identifier: a shortened one would name somebody else."""
    return Rejected("collect.id-too-long", where, f"has more than {most} characters", f"send at most {most} characters")


def _with_further(found: list[tuple[str, str]], item: Item, call: str, server: bool) -> Names:
    """The rarer identifiers beside the two that most events carry."""
    externals = item.context.externalIds if item.context is not None else None
    if not server and not externals and call != "alias":
        return tuple(found)
    if call == "alias" and item.previousId is not None and (value := text_id(item.previousId)):
        found.append(("user_id" if server else "anonymous_id", value))
    for external in externals or ():
        found += external_name(external, server)
    if server and (email := _email(item, call)):
        found.append(("email", email))
    return tuple(sorted(dict.fromkeys(found), key=lambda name: strength(name[0]))[:_MOST])


def external_name(external: ExternalId, server: bool) -> Names:
    """The one identifier, or none.

    Accounts are no persons, and a public write key cannot name a person by e-mail or telephone.
    """
    kind = external.type
    if external.collection not in (None, "users") or external.id is None or not _TYPE.fullmatch(kind):
        return ()
    if kind in DIRECT_TYPES and not server:
        return ()
    value = text_id(external.id)
    value = value.strip().lower() if kind == "email" else value
    return ((kind, value),) if value else ()


def _email(item: Item, call: str) -> str:
    """The e-mail address among a person's traits; a group's traits are not a person's."""
    own = None if call == "group" or item.traits is None else item.traits.email
    known = item.context.traits.email if item.context is not None and item.context.traits is not None else None
    value: Any = own if own is not None and own is not UNSET else known
    if type(value) is not str or "@" not in value:
        return ""
    if len(value) > LONGEST:
        raise too_long(".traits.email", LONGEST)
    return value.strip().lower()
