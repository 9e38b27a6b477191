"""How busy the simulated visitors are."""

from __future__ import annotations

from pathlib import Path

from starlette.responses import RedirectResponse, Response

from genom_demo.shop.visit import Visit
from genom_demo.state import keep, kept, set_pace

__all__ = ["Control"]

MOST = 1000.0  # visits a second; a node on a small machine takes more, a person cannot watch them


class Control:
    """The page that sets the pace in the demo's directory, where the driver reads it."""

    def __init__(self, state: Path) -> None:
        self._state = state

    async def show(self, visit: Visit) -> Response:
        """The pace as it is set."""
        return self._page(visit, given=None)

    async def take(self, visit: Visit) -> Response:
        """Set the pace, or with nothing entered leave it to the visitors' own schedule."""
        given = (await visit.form()).get("pace", [""])[0].strip()
        pace = _number(given)
        if given and pace is None:
            return self._page(visit, given=given)
        if pace is None:
            keep(self._state, "pace.json", {})
        else:
            set_pace(self._state, pace)
        return RedirectResponse("/shop/control", 303)

    def _page(self, visit: Visit, *, given: str | None) -> Response:
        pace = kept(self._state, "pace.json", {}).get("pace")
        decisions = kept(self._state, "status.json", {}).get("decisions")
        written = given if given is not None else "" if pace is None else f"{pace:g}"
        return visit.page(
            "control.html", status=200 if given is None else 422, pace=pace, decisions=decisions, given=written,
            bad=given is not None,
        )  # fmt: skip


def _number(text: str) -> float | None:
    """A pace as entered; both languages' decimal signs are read.

    >>> _number("0,5"), _number("1001"), _number("nan"), _number("")
    (0.5, None, None, None)
    """
    try:
        pace = float(text.replace(",", "."))
    except ValueError:
        return None
    return pace if 0 <= pace <= MOST else None
