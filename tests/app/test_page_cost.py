"""What a page costs, in calls instead of seconds: the same on every machine; `benchmarks/pages.py` has times."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from typing import Any, Final

import pytest

from tests.app.house import House
from tests.browser.pages import PAGES, PASSWORD, Ids, Listed, fill

MOST: Final = 75_000  # calls of functions; 1,000 took 0.4 to 0.8 ms on the slowest machine that was measured
MOST_OF: Final = {"person": 130_000, "person-all": 185_000}  # 200 genes as a drawing, then one family in words, or all

ALL: Final = Listed(name="person-all", path=lambda ids: f"/people/{ids.person}?family=all")


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


@pytest.mark.parametrize("listed", [*(page for page in PAGES if page.act is None), ALL], ids=lambda listed: listed.name)
def test_a_page_is_made_with_few_calls(filled: tuple[House, Ids], listed: Listed) -> None:
    house, ids = filled
    cookie = house.sign_in("portal", ids.person) if listed.portal else house.sign_in()
    cookie = "" if listed.stranger else cookie
    if listed.role:
        form = {"name": listed.role, "password": PASSWORD}
        cookie = house.browse("/login", form).headers["set-cookie"]
    counted, costs = [0], list[int]()

    def count(_frame: object, event: str, _argument: object) -> None:
        counted[0] += event in {"call", "c_call"}

    before = sys.getprofile()
    for _ in range(5):  # the first ones load the templates
        house.clock.now += 3_000  # beyond what is kept for two seconds
        counted[0] = 0
        sys.setprofile(count)
        try:
            answer = house.browse(listed.path(ids), cookie=cookie, language="de", headers={"accept-encoding": "gzip"})
        finally:
            sys.setprofile(before)
        costs.append(counted[0])
        assert answer.status == listed.status

    cost = min(costs[2:])  # what is measured now and then, beside the requests, falls into one of them
    assert 0 < cost <= MOST_OF.get(listed.name, MOST)
