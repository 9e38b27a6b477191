"""The page of live events: what it shows of the journal, and what its stream tells."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from genom.app.pages.live import LiveEvents
from tests.app.house import House

ORDER = {
    "type": "track",
    "event": "Order Completed",
    "userId": "C-204118",
    "messageId": "m1",
    "properties": {"total": 1234.5, "currency": "EUR", "products": [{"product_id": "p1", "price": 9}]},
    "context": {"traits": {"shoe": "forty-two"}, "ip": "203.0.113.9"},
}
NAN = {"type": "track", "event": "Product Viewed", "userId": "C-204118", "properties": {"price": "1e999"}}
NOBODY = {"type": "track", "event": "Product Viewed", "properties": {"name": "<b>tea</b>", "to": "ada@example.org"}}


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with House(tmp_path / "d") as built:
        yield built


def page(house: House, query: str = "", language: str = "en") -> str:
    answer = house.browse(f"/events/live{query}", cookie=house.sign_in(), language=language)
    assert answer.status == 200
    return answer.body.decode()


def listened(house: House, *bodies: list[dict[str, Any]], language: str = "en") -> list[tuple[str, str]]:
    """(event, data) of what the stream told while these batches came."""

    async def run() -> list[bytes]:
        live = next(h.__self__ for h in house.committer.hub.on_commit if isinstance(h.__self__, LiveEvents))  # type: ignore[attr-defined]
        stream = live.channel(language).join()
        assert stream is not None
        for body in bodies:
            await house.ask("POST", "/v1/batch", {"batch": body})
        await asyncio.sleep(0.4)
        stream.close()
        return [piece async for piece in stream.pieces()]

    text = b"".join(house.run(run())).decode()
    return [
        (m[1], m[2].replace("\ndata: ", "\n")) for m in re.finditer(r"event: (\w+)\ndata: (.*?)\n\n", text, re.DOTALL)
    ]


def test_a_committed_event_is_told_within_a_second(house: House) -> None:
    told = listened(house, [ORDER])

    assert [event for event, _ in told] == ["rows"]
    assert "Order Completed" in told[0][1]
    assert "€1,234.50 · 1 product" in told[0][1]
    assert 'href="/people/' in told[0][1]


def test_a_refused_event_is_told_with_field_and_reason(house: House) -> None:
    (event, html), *_ = listened(house, [NOBODY], language="de")

    assert event == "rows"
    assert "$.batch[0]" in html
    assert "Das Ereignis nennt keine Person." in html
    assert "Produkt angesehen" in html


def test_the_same_event_again_is_told_once(house: House) -> None:
    told = listened(house, [ORDER], [ORDER])

    assert "".join(html for _, html in told).count("<li") == 1


def test_a_flood_is_counted_instead_of_shown(house: House) -> None:
    flood = [{**ORDER, "messageId": f"m{n}"} for n in range(500)]

    told = listened(house, flood)

    assert sum(html.count("<li") for event, html in told if event == "rows") == 40
    assert sum(int(data) for event, data in told if event == "skipped") == 460


def test_a_flood_of_accepted_events_hides_no_refusal(house: House) -> None:
    told = listened(house, [NOBODY], [{**ORDER, "messageId": f"m{n}"} for n in range(500)])

    rows = "".join(html for event, html in told if event == "rows")
    assert rows.count('data-state="refused"') == 1
    assert rows.count('data-state="accepted"') == 40


def test_refusals_that_came_too_fast_are_counted_as_refusals(house: House) -> None:
    told = listened(house, [ORDER], [NOBODY] * 100)

    assert sum(int(data) for event, data in told if event == "refused") == 60
    assert not [data for event, data in told if event == "skipped"]


def test_the_refusals_that_home_counts_are_found_after_a_flood_and_a_restart(house: House) -> None:
    house.send(NOBODY)
    house.send(NAN)
    for n in range(3):
        house.take(*({**ORDER, "messageId": f"m{n}-{m}"} for m in range(100)))
    house.restart()

    assert house.node.bad_rows.count() == 2
    assert page(house, "?state=refused").count("<li class=") == 2
    assert page(house, "?state=accepted").count("<li class=") == 50


@pytest.mark.parametrize("secret", ["C-204118", "forty-two", "203.0.113.9", "ada@example.org", "<b>tea"])
def test_nothing_personal_and_no_foreign_markup_is_shown(house: House, secret: str) -> None:
    house.take(ORDER)
    house.send(NOBODY)

    html = page(house)

    assert "Order Completed" in html
    assert "refused" in html
    assert secret not in html


def test_a_fresh_page_shows_the_journal_after_a_restart(house: House) -> None:
    house.take(ORDER)

    house.restart()

    assert "Order Completed" in page(house)
    assert "Einkauf abgeschlossen" in page(house, language="de")
    assert "1.234,50" in page(house, language="de")


def test_the_filter_stands_in_the_address(house: House) -> None:
    house.take(ORDER, {**ORDER, "event": "Product Viewed", "messageId": "m2"})
    house.send(NOBODY)

    assert page(house, "?q=order").count("<li class=") == 1
    assert page(house, "?state=refused").count("<li class=") == 1
    assert page(house, "?q=nothing-of-that-kind").count("<li class=") == 0
    assert "Remove the filter" in page(house, "?q=nothing-of-that-kind")


def test_an_empty_page_says_how_to_connect_and_what_to_check(house: House) -> None:
    html = page(house)

    assert house.write_key in html
    assert html.count("<li>") >= 4 + 1


def test_nobody_looks_so_nothing_is_rendered(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("genom.app.pages.live.accepted_row", lambda *_, **__: pytest.fail("rendered for nobody"))

    house.take(ORDER)
    house.run(asyncio.sleep(0.4))


def test_a_watcher_that_fails_costs_no_event(house: House) -> None:
    def fails(*_: object) -> None:
        raise ValueError("a page broke")

    house.committer.hub.on_commit.insert(0, fails)

    house.take(ORDER)

    assert house.orders("C-204118") == 1


@pytest.mark.parametrize("raw", [b"\xff\xfe", b"[1,2", b'{"userId":"C-204118","n":NaN', b"[" * 5000])
def test_bytes_that_are_no_event_are_shown_without_harm(house: House, raw: bytes) -> None:
    body = b'{"batch":[' + raw + b"]}"
    house.post("/v1/batch", body, key=house.write_key)
    house.send(json.loads(json.dumps(NAN)))

    assert "C-204118" not in page(house)
