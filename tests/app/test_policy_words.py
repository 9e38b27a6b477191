"""How the rules and rewards of a point are written."""

from __future__ import annotations

from genom.app.pages.policy_words import reward_formats, signed
from genom.decide.points import Point, Text
from genom.decide.shape import Reward

POINT = Point(
    id="shop", label=Text(en="Shop", de="Shop"), purpose="recommend", candidates="actions", model="learned",
    reward=Reward(events=("Order Completed",), within_seconds=3600, value="amount"),
)  # fmt: skip


def test_money_has_two_decimals_however_small_it_is() -> None:
    written = reward_formats(POINT, [], "de")

    assert [written(value) for value in (0.0, 0.713, 1.48)] == [
        f"{figure}\N{NO-BREAK SPACE}€" for figure in ("0,00", "0,71", "1,48")
    ]
    assert signed(-0.713, written) == "\N{MINUS SIGN}0,71\N{NO-BREAK SPACE}€"
    assert reward_formats(POINT, [], "en")(0.713) == "€0.71"
