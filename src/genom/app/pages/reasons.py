"""A decision as pages explain it: from its record, without what the person withholds today."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

import numpy as np
from rich.console import Console

from genom.app.node import Node
from genom.app.pages.labels import Labels
from genom.app.pages.wording import words_of
from genom.app.reading import find_person, view_of
from genom.app.show import names
from genom.app.show.clean import clean
from genom.app.show.kinds import outcome_name
from genom.app.show.page import Page, page
from genom.app.show.sentence import sentence
from genom.console.person import Reason, Rival, Why
from genom.console.sums import decimals_for, rounded_parts
from genom.decide.reasons import TOLD
from genom.genome import Gene, Genes

__all__ = ["cell_of", "numbers", "sheet", "why_of"]

Json = Mapping[str, Any]

_RIVALS: Final = 3
_NOTHING: Final = "do_nothing"
_ANY: Final = ""  # stands for the purpose itself: no gene has this name


@lru_cache(maxsize=4)
def sheet(language: str) -> Page:
    """Where `app.show` finds its phrases."""
    return page(Console(file=io.StringIO()), language, 80)


def why_of(node: Node, decision: Json, labels: Labels, *, language: str, ms: float = 0.0) -> Why:
    """The explanation of a record as `decision_of` gives it; `ms` is given for one that is written nowhere."""
    named = _named(decision, labels, language)
    withheld = _withheld(node, decision)
    first = named["choices"][0]
    parts = [reason for reason in first["reasons"] if reason["contribution"]]
    seen = [reason for reason in parts if not _hides(reason, withheld)]
    hidden, control = len(parts) - len(seen), bool(decision.get("control"))
    lot = decision["model"] == "experiment"
    drawn = lot or (control and not parts)  # no score stood behind it
    shown = not hidden and not _rests_on_withheld(decision, withheld)
    start = first.get("start", first["score"] - sum(reason["contribution"] for reason in parts))
    digits = decimals_for([first["score"], start, *(reason["contribution"] for reason in parts)])
    return Why(
        id=decision["decision_id"],
        point=decision["point"],
        point_label=labels.point(decision["point"], language),
        at=_ms(decision["at"]),
        purpose=names.purpose(decision["purpose"], language),
        basis=names.basis(decision.get("basis", ""), language),
        ground=names.ground_of(decision["ground"], language) if "ground" in decision else "",
        model=clean(decision["model"], most=80),
        sentence=_sentence(node, named, hidden, language),
        action=clean(first["action"] if first["action"] != _NOTHING else names.action(_NOTHING, language), most=80),
        probability=first["probability"],
        score=first["score"] if shown and not drawn else None,
        start=start,
        reasons=_reasons(
            node, seen, None if hidden else round(first["score"], digits) - round(start, digits), language, digits
        ),
        digits=digits,
        hidden=hidden,
        control=control,
        causes=tuple(_causes(first, language)),
        rivals=_rivals(decision, labels, language) if shown and not lot else (),
        outcomes=tuple((outcome_name(o["event"], language), _ms(o["timestamp"])) for o in decision.get("outcomes", [])),
        ms=ms,
        shadow=_beside(decision, labels, language),
        href="" if ms else f"/decisions/log/{decision['decision_id']}",
    )


def _beside(decision: Json, labels: Labels, language: str) -> tuple[str, str] | None:
    """What was decided where this was decided in shadow: id and action."""
    if not (beside := decision.get("shadow")):
        return None
    action = beside["action"]
    shown = names.action(_NOTHING, language) if action == _NOTHING else labels.of(decision["point"], action, language)
    return beside["decision"], clean(shown, most=80)


def _named(decision: Json, labels: Labels, language: str) -> dict[str, Any]:
    """The record with the labels of its actions in place of their ids."""

    def choice(given: Json) -> dict[str, Any]:
        name = given["action"]
        return {**given, "action": name if name == _NOTHING else labels.of(decision["point"], name, language)}

    return {**decision, "choices": [choice(given) for given in decision["choices"]]}


def _withheld(node: Node, decision: Json) -> Callable[[str], bool]:
    """Whether a gene that was read then may be shown now."""
    person = find_person(node, {"person": decision.get("person", "")}) if decision.get("person") else 0
    view, genes = view_of(node, person, purpose=decision["purpose"]), node.world.layout.genes

    def withheld(gene: str) -> bool:
        if gene not in genes:  # it is no longer declared; asked first, because a refusal looks for the nearest name
            return not view.permitted
        return view.withholds(genes[gene])

    return withheld


def _hides(reason: Json, withheld: Callable[[str], bool]) -> bool:
    """Whether a part of the score may not be shown now; what the person told stands under the purpose itself."""
    if reason["gene"]:
        return withheld(reason["gene"])
    return reason["label"] in TOLD and withheld(_ANY)


def _rests_on_withheld(decision: Json, withheld: Callable[[str], bool]) -> bool:
    """Whether the scores of the candidates would tell of a gene that is withheld today."""
    evidence = decision.get("evidence")
    if not evidence or evidence.get("shares"):  # an experiment reads nobody
        return False
    genes = {feature["gene"] for feature in (evidence.get("linear") or {}).get("features", ())}
    return any(map(withheld, genes | {_ANY}))


def _sentence(node: Node, decision: dict[str, Any], hidden: int, language: str) -> str:
    genes = _called(node.world.layout.genes, language)
    if hidden:  # the sentence names causes and figures
        decision = {**decision, "choices": [{**decision["choices"][0], "reasons": []}]}
    return sentence(decision, sheet(language), genes)


@lru_cache(maxsize=4)
def _called(genes: Genes, language: str) -> dict[str, str]:
    """Gene → its label; a page explains dozens of decisions."""
    return {gene.id: gene.label[language] for gene in genes}


def _reasons(node: Node, seen: list[Json], total: float | None, language: str, digits: int) -> tuple[Reason, ...]:
    """The parts as they are shown: rounded so that start and parts add up to the score."""
    seen = sorted(seen, key=lambda reason: -abs(reason["contribution"]))
    values = [float(reason["contribution"]) for reason in seen]
    shown = rounded_parts(values, total=sum(values) if total is None else total, digits=digits)
    return tuple(_reason(node, reason, value, language) for reason, value in zip(seen, shown, strict=True))


def _reason(node: Node, reason: Json, value: float, language: str) -> Reason:
    label = names.cause(str(reason["label"]), language)
    if reason["gene"]:
        label = _gene_label(node, reason["gene"], str(reason["label"]), language)
    return Reason(label=label, gene=clean(reason["gene"] or "", most=80), value=value)


def _gene_label(node: Node, gene: str, recorded: str, language: str) -> str:
    """The gene's label in this language, with the cell or the feature that the record names behind it."""
    if gene not in node.world.layout.genes:
        return clean(names.cause(recorded, language), most=80)
    known = node.world.layout.genes[gene]
    label, cell = known.label[language], cell_of(known, recorded)
    behind = f": {words_of(node, language)(known, cell)}" if cell else ""
    return clean(names.gene(label + behind, recorded, language), most=100)


def cell_of(gene: Gene, recorded: str) -> str:
    """The cell that a record names behind the label of its gene, in either language; empty if it names none.

    >>> from genom.genome import load_genes
    >>> cell_of(load_genes()["taste.category.histogram.365d"], "Gekaufte Kategorien, letzte Jahre: TEA")
    'TEA'
    """
    named = [f"{text}: " for text in gene.label.values()]
    return next((recorded.removeprefix(text) for text in named if recorded.startswith(text)), "")


def _causes(choice: Json, language: str) -> list[str]:
    return [
        sheet(language).say("exploration")
        if reason["label"] == "exploration"
        else names.cause(str(reason["label"]), language)
        for reason in choice["reasons"]
        if reason["gene"] is None and not reason["contribution"] and reason["label"] not in TOLD
    ]


def _rivals(decision: Json, labels: Labels, language: str) -> tuple[Rival, ...]:
    evidence = decision.get("evidence")
    if not evidence:
        return ()
    ids, scores, first = [*evidence["candidates"]], numbers(evidence["scores"]), numbers(evidence["first"])
    ids.append(_NOTHING)
    scores = np.append(scores, float(decision["policy"]["do_nothing"]))
    if not len(ids) == len(scores) == len(first):
        return ()
    order = np.argsort(-scores, kind="stable").tolist()
    best = [i for i in order if ids[i] != decision["choices"][0]["action"]][:_RIVALS]
    return tuple(
        Rival(label=labels.of(decision["point"], ids[i], language), score=float(scores[i]), probability=float(first[i]))
        for i in best
    )


def numbers(stored: list[float] | str) -> np.ndarray[Any, np.dtype[np.float64]]:
    """A record's packed numbers, as they stand in its JSON."""
    return np.frombuffer(base64.b64decode(stored), "<f8") if isinstance(stored, str) else np.array(stored, np.float64)


def _ms(at: str | float) -> int:
    return int(datetime.fromisoformat(at).timestamp() * 1000) if isinstance(at, str) else int(at)
