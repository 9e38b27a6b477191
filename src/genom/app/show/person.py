"""One person: who and for which purpose, the genome, the timeline and the last decision."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.text import Text

from genom.app.show import names
from genom.app.show.clean import clean, line
from genom.app.show.decision import decision_lines
from genom.app.show.genome import by_family, sections, strip
from genom.app.show.numbers import moment, number
from genom.app.show.page import NOTE, SOFT, STRONG, Json, Page, heading, page, spread
from genom.app.show.redact import redacted
from genom.app.show.timeline import timeline

__all__ = ["show_person"]


def show_person(
    console: Console,
    *,
    genome: dict[str, Any],
    events: list[dict[str, Any]],
    decision: dict[str, Any] | None,
    language: str = "en",
    width: int | None = None,
) -> None:
    """Draw a person from the answers of `/v1/people/{id}/genome` and `/events`, and a decision's record.

    Ask for the genome in the same language: its labels are shown as they come.
    Raises UnknownName for a language other than `en` and `de`.
    """
    sheet = page(console, language, width)
    lines = [*_header(genome, sheet), *_notices(genome, events, decision, sheet), Text("")]
    lines += [*_genome(genome["genes"], sheet), *timeline(events, sheet), Text("")]
    sheet.put([*lines, *_decision(genome, decision, sheet)])


def _header(genome: Json, page: Page) -> list[Text]:
    title = Text.assemble((f"{page.say('person')} ", STRONG), line(genome["person"], STRONG), end="")
    seen = Text(page.say("seen", moment=moment(clean(genome["as_of"]), page.language)), SOFT)
    purpose = f"{page.say('purpose')}: {names.purpose(genome['purpose'], page.language)}"
    about = [each for text in (purpose, _counts(genome, page)) for each in page.wrapped(Text(text))]
    return [Text(""), spread(title, seen, page.width), *about]


def _counts(genome: Json, page: Page) -> str:
    states = [gene["state"] for gene in genome["genes"]]
    counted = (page.say(phrase, n=number(states.count(state), page.language)) for phrase, state in _STATES)
    return f"{page.say('genes counted', n=number(len(states), page.language))} ({', '.join(counted)})"


def _notices(genome: Json, events: list[dict[str, Any]], decision: Json | None, page: Page) -> list[Text]:
    """What a reader must know first: an empty genome and what to do, and consent that is only assumed."""
    lines: list[Text] = []
    if empty := _empty(genome["genes"], events):
        lines += [Text(""), *page.wrapped(Text(page.say(empty), STRONG)), *page.wrapped(Text(page.say(f"{empty} fix")))]
    if _assumed(genome, events, decision):
        lines += page.wrapped(Text(page.say("assumed"), NOTE))
    return lines


def _empty(genes: list[Json], events: list[dict[str, Any]]) -> str:
    states = {gene["state"] for gene in genes}
    if "known" in states:
        return ""
    if "withheld" in states:
        return "empty denied"
    return "empty events" if events else "empty nothing"


def _assumed(genome: Json, events: list[dict[str, Any]], decision: Json | None) -> bool:
    basis = str((decision or {}).get("basis", ""))
    return bool(genome.get("assumed")) or basis.startswith("assumed") or any(event.get("assumed") for event in events)


def _genome(genes: list[Json], page: Page) -> list[Text]:
    states = {gene["state"] for gene in genes}
    if states <= {"unknown"}:
        return []
    families = by_family(genes)
    told = sections(families, page) if "known" in states else []
    return [*strip(families, page), *told, Text("")]


def _decision(genome: Json, decision: Json | None, page: Page) -> list[Text]:
    title = page.say("last decision")
    if decision is None:
        advice = page.wrapped(Text(page.say("no decision fix", person=clean(genome["person"])), SOFT))
        return [heading(title, Text(), page.width), Text(page.say("no decision")), *advice]
    labels = {gene["id"]: gene["label"] for gene in genome["genes"]}
    return decision_lines(redacted(decision, genome), page, title=title, labels=labels)


_STATES = (("known", "known"), ("unknown", "unknown"), ("withheld counted", "withheld"))
