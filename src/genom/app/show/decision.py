"""A decision: a sentence, the choices, and for each the reasons as signed bars."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from rich.console import Console
from rich.text import Text

from genom.app.show import names
from genom.app.show.bars import signed_bar
from genom.app.show.clean import clean, line
from genom.app.show.kinds import outcome_name
from genom.app.show.numbers import moment, number, percent, signed
from genom.app.show.page import LOWERS, NOTE, SOFT, STRONG, Json, Page, heading, page, spread
from genom.app.show.sentence import label_of, sentence

__all__ = ["decision_lines", "show_decision"]

_HALF: Final = 10  # cells of a bar, to each side
_BLOCK: Final = 92  # cells from a reason to its figure; wider, the eye loses the line
_OUTCOMES: Final = 5  # shown


def show_decision(
    console: Console, decision: dict[str, Any], *, language: str = "en", width: int | None = None
) -> None:
    """Draw a decision: the answer of `POST /v1/decide`, or its record.

    Raises UnknownName for a language other than `en` and `de`.
    """
    sheet = page(console, language, width)
    sheet.put([Text(""), *decision_lines(decision, sheet, title=sheet.say("decision"), labels={})])


def decision_lines(decision: Json, page: Page, *, title: str, labels: Json) -> list[Text]:
    """The lines of a decision; `labels` names genes by their id, in the page's language."""
    point = line(names.point(decision["point"], page.language)) if "point" in decision else Text()
    lines = [heading(title, point, page.width), *page.wrapped(Text(sentence(decision, page, labels), STRONG))]
    lines += page.wrapped(_about(decision, page))
    parts = [reason["contribution"] or 0.0 for choice in decision["choices"] for reason in choice["reasons"]]
    scale, negatives = max(map(abs, parts), default=0.0), min(parts, default=0.0) < 0
    for place, choice in enumerate(decision["choices"], 1):
        lines += [Text(""), _choice(place, choice, page)]
        lines += [_reason(reason, page, labels, scale, negatives=negatives) for reason in choice["reasons"]]
    return lines + (_outcomes(decision["outcomes"], page) if "outcomes" in decision else [])


def _about(decision: Json, page: Page) -> Text:
    """When, for which purpose, on which basis, by which model; and whether it was a random control."""
    parts = [f"{_time(decision['at'], page.language)} UTC"] if "at" in decision else []
    parts.append(f"{page.say('purpose')}: {names.purpose(decision['purpose'], page.language)}")
    if "basis" in decision:
        told = f", {names.ground_of(decision['ground'], page.language)}" if "ground" in decision else ""
        parts.append(f"{page.say('basis')}: {names.basis(decision['basis'], page.language)}{told}")
    parts.append(f"{page.say('model')}: {clean(decision['model'])}")
    parts.append(clean(decision["decision_id"]))
    control = decision.get("control")
    flag = page.say("control" if control else "no control")
    return Text.assemble((" · ".join(parts) + " · ", SOFT), (flag, NOTE if control else SOFT))


def _choice(place: int, choice: Json, page: Page) -> Text:
    name = Text.assemble(f"{place}  ", line(names.action(choice["action"], page.language), STRONG))
    chance = f"{page.say('probability')} {percent(choice['probability'], page.language)}"
    known = choice["score"] is not None
    score = f"{page.say('score')} {number(choice['score'], page.language, digits=2) if known else page.say('withheld')}"
    return spread(name, Text(f"{chance}  {score}"), min(page.width, _BLOCK))


def _reason(reason: Json, page: Page, labels: Json, scale: float, *, negatives: bool) -> Text:
    label, value = line(label_of(reason, page, labels)), reason["contribution"]
    label = Text("   ", end="") + label
    if value is None:
        return spread(label, Text(page.say("withheld"), NOTE), min(page.width, _BLOCK))
    if reason["gene"] is None and not value:
        return label
    drawn = signed_bar(value / scale if scale else 0.0, _HALF, negatives=negatives)
    figure = Text(f"{signed(value, page.language):>8}", LOWERS if value < 0 else "")
    return spread(label, drawn + figure, min(page.width, _BLOCK))


def _outcomes(outcomes: list[Json], page: Page) -> list[Text]:
    if not outcomes:
        return [Text(""), Text(f"{page.say('outcomes')}: {page.say('no outcomes')}", SOFT)]
    lines = [Text(""), Text(f"{page.say('outcomes')}:")]
    for outcome in outcomes[:_OUTCOMES]:
        worth = number(outcome["amount"], page.language, digits=2) if outcome.get("amount") else ""
        name = Text("   ", end="") + line(outcome_name(outcome["event"], page.language))
        when = f"{_time(outcome['timestamp'], page.language)} UTC"
        lines.append(spread(name, Text(f"{worth}   {when}"), min(page.width, _BLOCK)))
    more = len(outcomes) - _OUTCOMES
    return [*lines, Text("   " + page.say("and more", n=number(more, page.language)), SOFT)] if more > 0 else lines


def _time(at: str | float, language: str) -> str:
    """A time as the record has it: unix ms, or RFC 3339 in an answer."""
    text = at if isinstance(at, str) else datetime.fromtimestamp(at / 1000, UTC).isoformat()
    return moment(clean(text), language)
