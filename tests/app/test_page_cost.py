"""What a page costs, in calls instead of seconds: the same on every machine; `benchmarks/pages.py` has times."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from typing import Any, Final

import pytest

from tests.app.house import House
from tests.browser.pages import PAGES, Ids, Listed, fill

MOST: Final = 75_000  # calls of functions; 1,000 took 0.4 to 0.8 ms on the slowest machine that was measured
MOST_OF: Final = {"person": 145_000}  # shows 200 genes in a drawing, and its families in words


class Poster:
    """Stands for a node when the data set is filled in: the same requests without a network."""

    def __init__(self, house: House) -> None:
        self._house, self.data = house, house.path

    def post(self, path: str, body: object) -> Any:
        return self._house.post(path, body).told


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[House, Ids]]:
    with House(tmp_path_factory.mktemp("cost") / "d") as house:
        house.clock.now = time.time_ns() // 1_000_000
        ids = fill(Poster(house))  # type: ignore[arg-type]
        for _ in range(45):  # somebody who comes often
            house.decide("shopper-0", n=3)
        yield house, ids


@pytest.mark.parametrize("listed", PAGES, ids=lambda listed: listed.name)
def test_a_page_is_made_with_few_calls(filled: tuple[House, Ids], listed: Listed) -> None:
    house, ids = filled
    cookie = house.sign_in("portal", ids.person) if listed.portal else house.sign_in()
    cookie = "" if listed.stranger else cookie
    counted = [0]

    def count(_frame: object, event: str, _argument: object) -> None:
        counted[0] += event in {"call", "c_call"}

    for turn in range(3):  # the first ones load the templates
        house.clock.now += 3_000  # beyond what is kept for two seconds
        before = sys.getprofile()
        if turn == 2:
            sys.setprofile(count)
        try:
            answer = house.browse(listed.path(ids), cookie=cookie, language="de", headers={"accept-encoding": "gzip"})
        finally:
            sys.setprofile(before)
        assert answer.status == listed.status
    assert 0 < counted[0] <= MOST_OF.get(listed.name, MOST)
