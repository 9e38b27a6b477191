"""What the builder's form holds, read from an address or a form: nothing of it is kept on the server."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final
from urllib.parse import urlencode

from genom.console.segments import Segments, Tried
from genom.console.segments_fields import Fields, faults_of, settled
from genom.console.segments_form import changed, opening, tree_from
from genom.console.segments_numbers import written
from genom.console.segments_tree import Condition, Group, leaves, plain_of, tree_of
from genom.console.visit import Visit
from genom.errors import BadRequest, GenomError

__all__ = ["NAMED", "PATH", "State", "asked", "sent", "tried"]

PATH: Final = "/segments/_builder"
NAMED: Final = {"label_en": 120, "label_de": 120, "description": 500}  # fields and their most characters
_FORM_FIELDS: Final = 2_000
_RULE_MOST: Final = 60_000  # characters


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """All that the form holds, and what came of it."""

    id: str  # empty: a new segment
    tree: Group
    fields: Fields
    language: str
    named: Mapping[str, str]  # labels and description
    good: str = ""  # the last good count, "small" below the floor
    focus: str = ""  # place to go on at
    faults: Mapping[str, str] = field(default_factory=dict)  # place or name → word of what is wrong
    tried: Tried | None = None
    refused: GenomError | None = None

    @property
    def rule(self) -> dict[str, Any]:
        """The rule as plain data."""
        return plain_of(self.tree, self.language, texts=self.fields.texts)

    @property
    def leaves(self) -> list[tuple[str, Condition]]:
        """The conditions with their places."""
        return list(leaves(self.tree))

    @property
    def alone(self) -> dict[str, int | None]:
        """Place → how many people a condition means alone."""
        counts = self.tried.alone if self.tried else ()
        return dict(zip((place for place, _ in self.leaves), (count for _, count in counts), strict=False))

    def most_days(self, place: str) -> str:
        """For how many days what a condition is about may be read, in the reader's language."""
        found = self.fields.by_key.get(next((part.field for where, part in self.leaves if where == place), ""))
        return written(found.days, self.language) if found else ""

    @staticmethod
    def spoken(place: str) -> str:
        """A place as people count: from one."""
        return "-".join(str(int(step) + 1) for step in place.split("."))

    def address(self, path: str = PATH) -> str:
        """The address that opens the same."""
        rule = json.dumps(self.rule, ensure_ascii=False, separators=(",", ":"))
        told = {"id": self.id, "purpose": self.fields.purpose, **self.named, "good": self.good, "rule": rule}
        return f"{path}?{urlencode({name: text for name, text in told.items() if text})}"


def asked(visit: Visit, segments: Segments) -> State:
    """The state that an address names: its rule, else that of a segment, else the opening one."""
    params, name, language = visit.request.query_params, visit.asked("id"), visit.language
    stored = segments.definition(name) if name else None
    purpose = visit.asked("purpose") or (stored.purpose if stored else segments.purpose())
    fields = segments.fields(purpose, without=name, language=language)
    named = {key: str(params.get(key, ""))[:most] for key, most in NAMED.items()}
    if stored and not any(named.values()):
        named = {"label_en": stored.label["en"], "label_de": stored.label["de"], "description": stored.description}
    plain = _plain(str(params["rule"])) if "rule" in params else stored.rule if stored else None
    tree = _settled(tree_of(plain, language), fields)
    return State(id=name, tree=tree, fields=fields, language=language, named=named, good=_good(visit.asked("good")))


async def sent(visit: Visit, segments: Segments) -> tuple[State, str]:
    """The state that a form holds after its button, and the button."""
    form, language = await visit.form(fields=_FORM_FIELDS), visit.language
    name, act = form.get("segment", "")[:60], form.get("act", "")[:80]
    purpose = form.get("purpose", "")[:60] or segments.purpose()
    fields = segments.fields(purpose, without=name, language=language)
    named = {key: form.get(key, "").strip()[:most] for key, most in NAMED.items()}
    tree, focus = changed(tree_from(form, fields), act, fields)
    state = State(id=name, tree=_settled(tree, fields), fields=fields, language=language, named=named)
    return replace(state, good=_good(form.get("good", "")), focus=focus), act


async def tried(state: State, segments: Segments) -> State:
    """The state with its count, or with what is wrong and the last good count."""
    if faults := faults_of(state.tree, state.fields, state.language):
        return replace(state, faults=faults)
    try:
        found = await segments.tried(state.id, state.fields.purpose, state.rule, language=state.language)
    except GenomError as error:
        return replace(state, refused=error)
    return replace(state, tried=found, good="small" if found.people is None else str(found.people))


def _settled(tree: Group, fields: Fields) -> Group:
    made = settled(tree if tree.parts else opening(fields), fields)
    assert isinstance(made, Group), "a group stays one"
    return made


def _good(text: str) -> str:
    return text if text == "small" or (text.isascii() and text.isdigit() and len(text) < 12) else ""


def _plain(text: str) -> object:
    """The plain data of an address; raises BadRequest."""
    try:
        return json.loads(text if len(text) <= _RULE_MOST else "")
    except (ValueError, RecursionError) as error:
        raise BadRequest(
            "The rule in the address cannot be read.", why="it is no JSON", fix="open the segment from the list"
        ) from error
