"""Finding people as pages do: by what somebody types, or by who was here last."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from genom.app.node import Node
from genom.app.reading import find_person
from genom.words import Kind

__all__ = ["people_here_last", "people_named"]

_TRIED: Final = ("person", "user_id", "card", "email", "phone", "anonymous_id")
_BLOCKS: Final = 200  # of the journal that are looked through for people who were here


def people_named(node: Node, text: str) -> list[int]:
    """The people whom a text names: an id or identifier as a whole, also with its type before it, as `crm:77`."""
    kind, colon, value = text.partition(":")
    tried = [(name, text) for name in _TRIED] + ([(kind.strip(), value.strip())] if colon else [])
    persons = dict.fromkeys(find_person(node, {name: given}) for name, given in tried if name and given)
    return [person for person in persons if person]


def people_here_last(node: Node, most: int, *, wanted: Callable[[int], bool] = lambda _: True) -> list[int]:
    """Who did something last, the newest first; only those who are wanted."""
    found: dict[int, bool] = {}
    number = 0
    for block, rows in enumerate(each.rows for each in node.journal.latest()):
        profiles = rows["profile"][(rows["kind"] < Kind.IDENTIFIER) & (rows["profile"] > 0)][::-1].astype(np.int64)
        for person in dict.fromkeys(node.world.people.person_of[profiles].tolist()):
            if person not in found:
                found[person] = wanted(person)
                number += found[person]
        if block == _BLOCKS or number >= most:
            break
    return [person for person, shown in found.items() if shown][:most]
