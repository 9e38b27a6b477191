"""A decision in one sentence, for the people who work with it."""

from __future__ import annotations

from genom.app.show import names
from genom.app.show.clean import clean
from genom.app.show.numbers import percent, signed
from genom.app.show.page import Json, Page

__all__ = ["label_of", "sentence"]

_NO_PERMISSION = "no permission for "
_CAUSES = 2  # named in the sentence; the others stand below it


def sentence(decision: Json, page: Page, labels: Json) -> str:
    """What was chosen first, with which probability, and mainly why; `labels` names genes by their id."""
    if not decision.get("choices"):
        return page.say("no choice")
    first = decision["choices"][0]
    said = {reason["label"] for reason in first["reasons"] if reason["gene"] is None}
    chance = percent(first["probability"], page.language)
    action = names.action(first["action"], page.language)
    if missing := next((label for label in said if label.startswith(_NO_PERMISSION)), ""):
        return page.say("not offered", purpose=names.purpose(missing.removeprefix(_NO_PERMISSION), page.language))
    if decision.get("control"):
        return page.say("by chance", action=action, chance=chance)
    if "no candidate" in said:
        return page.say("nothing to offer")
    if first["action"] == "do_nothing":
        return page.say("nothing tried" if "exploration" in said else "nothing", chance=chance)
    offered = page.say("offered", action=action, chance=chance, because=_because(first, page, labels))
    return f"{offered} {page.say('exploration')}" if "exploration" in said else offered


def label_of(reason: Json, page: Page, labels: Json) -> str:
    """What a reason is called in the page's language."""
    if reason["gene"] is None:
        return names.cause(str(reason["label"]), page.language)
    if (label := labels.get(reason["gene"])) is None:
        return names.cause(str(reason["label"]), page.language)
    return names.gene(clean(label), str(reason["label"]), page.language)


def _because(choice: Json, page: Page, labels: Json) -> str:
    raising = [reason for reason in choice["reasons"] if (reason["contribution"] or 0.0) > 0]
    raising.sort(key=lambda reason: -float(reason["contribution"]))
    causes = [_figured(reason, page, labels) for reason in raising[:_CAUSES]]
    return ", " + page.say("because", causes=page.say("and").join(causes)) if causes else ""


def _figured(reason: Json, page: Page, labels: Json) -> str:
    return f"{label_of(reason, page, labels)} ({signed(reason['contribution'], page.language)})"
