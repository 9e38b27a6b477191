"""The last decisions about a person in plain words, from their records, without what is withheld today."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from genom.app.decisions.deciding import decisions_of
from genom.app.node import Node
from genom.app.pages.labels import Labels
from genom.app.pages.me.people import Things, person_of
from genom.app.pages.me.words import REASONS, say
from genom.app.pages.reasons import cell_of, numbers
from genom.app.reading import view_of
from genom.app.show import names
from genom.decide import DO_NOTHING
from genom.decide.reasons import EXPERIMENT, TOLD
from genom.genome import View
from genom.portal import Decided

__all__ = ["decided_of", "read_of_person"]

Json = Mapping[str, Any]

_READ, _SHOWN = 30, 12  # decisions
_THINGS: Final = 4  # named of one decision
_REASONS: Final = 3
_NO_PERMISSION: Final = "no permission for "
_OF_EVERYBODY: Final = frozenset({"popular", "context"})  # features of a candidate that read nobody in particular


@dataclass(frozen=True, slots=True)
class _Reader:
    """Whose page it is and in which words."""

    node: Node
    person: int
    labels: Labels
    terms: Mapping[str, str]
    language: str

    def thing(self, record: Json, action: str) -> str:
        """What an action is called: a category by its own name."""
        return self.terms.get(action) or self.labels.of(record["point"], action, self.language)


def decided_of(node: Node, public: str, *, labels: Labels, things: Things, language: str) -> tuple[Decided, ...]:
    """The newest decisions about a person, newest first."""
    reader = _Reader(node, person_of(node, public), labels, things.everything(language), language)
    told: list[Decided] = []
    for record in decisions_of(node, reader.person, limit=_READ):
        decided = _decided(reader, record)
        if told and replace(decided, at=told[-1].at, times=told[-1].times) == told[-1]:
            told[-1] = replace(told[-1], times=told[-1].times + 1)
        else:
            told.append(decided)
    return tuple(told[:_SHOWN])


def _decided(reader: _Reader, record: Json) -> Decided:
    view = view_of(reader.node, reader.person, purpose=record["purpose"])
    choices, language = record["choices"], reader.language
    causes = {str(reason["label"]) for choice in choices for reason in choice["reasons"] if reason["gene"] is None}
    missing = next((cause.removeprefix(_NO_PERMISSION) for cause in causes if cause.startswith(_NO_PERMISSION)), "")
    counted = _counted(choices)
    seen = [(action, reason) for action, reason in counted if not _withheld(reader.node, view, reason)]
    chance = bool(record.get("control")) or EXPERIMENT in causes
    narrowed, read = record.get("narrowed"), read_of_person(record.get("evidence"))
    hidden = bool(narrowed) and not view.permitted
    shown = [choice["action"] for choice in choices[:_THINGS] if choice["action"] != DO_NOTHING]
    return Decided(
        at=int(datetime.fromisoformat(record["at"]).timestamp() * 1000),
        place=reader.labels.point(record["point"], language),
        shown=tuple(reader.thing(record, action) for action in shown),
        chance="random" if chance else "tried" if "exploration" in causes else "chosen",
        narrowed=None if hidden or narrowed is None else tuple(narrowed),
        neutral=not narrowed and not read,
        hidden=hidden + (0 if chance else len(counted) - len(seen)),
        reasons=() if chance else tuple(_sentences(reader, record, seen)),
        unmoved=read and not any(_is_personal(reason) for _, reason in counted),
        missing=names.purpose(missing, language) if missing else "",
    )


def _counted(choices: list[Json]) -> list[tuple[str, Json]]:
    """What spoke for the first choice, the strongest first, with the action that it spoke for."""
    if not choices or choices[0]["action"] == DO_NOTHING:
        return []
    first = choices[0]
    raising = [reason for reason in first["reasons"] if (reason["contribution"] or 0.0) > 0]
    return [(first["action"], reason) for reason in sorted(raising, key=lambda reason: -reason["contribution"])]


def _is_personal(reason: Json) -> bool:
    return bool(reason["gene"]) or reason["label"] in TOLD


def read_of_person(evidence: Json | None) -> bool:
    """Whether anything known of the person went into the scores, for or against whatever was shown.

    >>> read_of_person({"own": {"codes": [3], "values": [1.0]}}), read_of_person({"linear": {"features": []}})
    (True, False)
    >>> popular = {"names": ["own", "popular"], "columns": [{"codes": []}, {"codes": [0, 1]}]}
    >>> read_of_person({"logistic": popular}), read_of_person({"boosted": {"margins": [0.1]}})
    (False, True)
    """
    if not evidence:
        return False
    own = [(evidence.get(part) or {}).get("codes") for part in ("own", "recent")]
    features = (evidence.get("linear") or {}).get("features")
    logistic = evidence.get("logistic") or {"names": (), "columns": ()}
    columns = zip(logistic["names"], logistic["columns"], strict=True)
    personal = [column["codes"] for name, column in columns if name not in _OF_EVERYBODY]
    bought = bool(numbers(evidence.get("bought") or []).any())
    return bought or any(map(bool, (evidence.get("told"), evidence.get("boosted"), features, *own, *personal)))


def _withheld(node: Node, view: View, reason: Json) -> bool:
    """Whether what was read then, or what the person had told, may not be shown now."""
    gene = reason["gene"]
    if gene is None:
        return reason["label"] in TOLD and not view.permitted
    if gene not in node.world.layout.genes:  # it is no longer declared, or an estimate
        return not view.permitted
    return view.read(node.world.layout.genes[gene]).state == "withheld"


def _sentences(reader: _Reader, record: Json, seen: list[tuple[str, Json]]) -> Iterable[str]:
    told = dict.fromkeys(_sentence(reader, reason, reader.thing(record, action)) for action, reason in seen)
    return list(told)[:_REASONS]


def _sentence(reader: _Reader, reason: Json, thing: str) -> str:
    """By the feature that was recorded if it has a sentence of its own, else by the gene."""
    label = str(reason["label"])
    name = names.feature_of(label) or ("you told us" if label in TOLD else label)
    if name not in REASONS and reason["gene"]:
        name, thing = reason["gene"], _cell(reader, reason["gene"], label) or thing
    if name in REASONS:
        return say(REASONS, name, reader.language, thing=thing)
    genes = reader.node.world.layout.genes
    what = genes[name].label[reader.language] if name in genes else names.cause(label, reader.language)
    return say(REASONS, "other", reader.language, what=what)


def _cell(reader: _Reader, gene: str, recorded: str) -> str:
    """What the cell is called that a learned decision read of a gene; empty if it read no single one."""
    genes = reader.node.world.layout.genes
    cell = cell_of(genes[gene], recorded) if gene in genes else ""
    return reader.terms.get(cell, cell)
