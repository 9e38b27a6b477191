"""Pages are made within 50 ms of the processor; a busy machine makes nobody fail."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.app.house import House
from tests.browser.pages import PAGES, Ids, Listed, fill


class Poster:
    """Stands for a node when the data set is filled in: the same requests without a network."""

    def __init__(self, house: House) -> None:
        self._house, self.data = house, house.path

    def post(self, path: str, body: object) -> Any:
        return self._house.post(path, body).told


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[House, Ids]]:
    with House(tmp_path_factory.mktemp("speed") / "d") as house:
        house.clock.now = time.time_ns() // 1_000_000
        ids = fill(Poster(house))  # type: ignore[arg-type]
        for _ in range(45):  # somebody who comes often
            house.decide("shopper-0", n=3)
        yield house, ids


@pytest.mark.parametrize("listed", PAGES, ids=lambda listed: listed.name)
def test_a_page_takes_at_most_50_ms_of_the_processor(filled: tuple[House, Ids], listed: Listed) -> None:
    house, ids = filled
    cookie = house.sign_in("portal", ids.person) if listed.portal else house.sign_in()
    cookie = "" if listed.stranger else cookie
    gc.collect()
    gc.freeze()  # as a node does at its start
    times = []
    for _ in range(22):
        house.clock.now += 3_000  # beyond what is kept for two seconds
        started = time.thread_time()
        answer = house.browse(listed.path(ids), cookie=cookie, language="de", headers={"accept-encoding": "gzip"})
        times.append(time.thread_time() - started)
        assert answer.status == listed.status
    gc.unfreeze()

    counted = times[2:]  # the first ones load the templates
    assert sorted(counted)[18] <= 0.05  # 95 of 100
