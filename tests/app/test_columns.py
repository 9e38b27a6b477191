"""A request of plain events, staged as columns, leaves the same journal as its events one by one."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genom.collect import segment
from genom.words import ROW, Device, Kind
from tests.app.events import order, view
from tests.app.house import START, House

WHOLE = [name for name in ROW.names or () if name not in ("body_start", "sequence")]
Fact = tuple[Any, ...]


@pytest.fixture(scope="module")
def twins(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[House, House]]:
    """Two nodes with the same keys."""
    path = tmp_path_factory.mktemp("twins")
    with House(path / "one") as one:
        one.post("/v1/sources", {"name": "trusting", "consent": "required", "trusts_links": True})
        one.close()
        shutil.copytree(path / "one", path / "other")
        one.open()
        with House(path / "other", clock=one.clock) as other:
            yield one, other


def journal_of(house: House, first: int) -> list[Fact]:
    """Rows with their bodies from a sequence on."""
    return [
        (*(row[name].item() for name in WHOLE[:-1]), block.body(i))
        for block in house.node.journal.blocks(first)
        for i, row in enumerate(block.rows)
        if row["sequence"] >= first
    ]


def both(twins: tuple[House, House], batch: list[Any], **how: Any) -> tuple[list[Fact], list[Fact], int]:
    """What a batch leaves in the journals: as columns, and event by event; and how many events came as columns."""
    one, other = twins
    body = json.dumps({"batch": batch}, ensure_ascii=False).encode()  # with an escape no event would be plain
    first, came = one.node.journal.last + 1, []
    real = vars(segment)["columns_of"]

    def watched(*given: Any, **named: Any) -> Any:
        columns = real(*given, **named)
        came.append(0 if columns is None else len(columns.rows))
        return columns

    assert other.node.journal.last + 1 == first
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(segment, "_FEW", 0)
        patch.setattr(segment, "columns_of", watched)
        answer = one.post("/v1/batch", body, **how).body
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(segment, "_FEW", 1 << 60)
        assert other.post("/v1/batch", body, **how).body == answer
    return journal_of(one, first), journal_of(other, first), sum(came)


names = st.sampled_from(["Product Viewed", "Product Added", "Signed In", "My Own Event", "Ünlisted"])
texts = st.sampled_from(["", "Garden/Tools", "Beer > Ale", "Getränke", "TEA", "a/b/c", " ", "x" * 150])
plain = st.fixed_dictionaries(
    {
        "type": st.sampled_from(["track", "track", "page", "screen"]),
        "event": names,
        "messageId": st.integers(0, 400).map(lambda number: f"m{number}"),
        "userId": st.sampled_from(["u1", "u2", "ü3"]),
    },
    optional={
        "anonymousId": st.sampled_from(["a1", "a2", "a3"]),
        "timestamp": st.sampled_from(["2026-03-02T11:59:00.5Z", "2026-02-01T00:00:00Z", "1970-01-01T00:00:00Z"]),
        "properties": st.fixed_dictionaries(
            {},
            optional={
                "product_id": st.sampled_from(["p1", "p2", "pü"]),
                "category": texts,
                "price": st.sampled_from([0, 2.5, -1, 0.005, 12]),
                "quantity": st.sampled_from([0, 1, 2, 0.5, 400]),
                "value": st.sampled_from([7, 0.1]),
                "currency": st.sampled_from(["EUR", "usd", "CHF", "points", "€"]),
            },
        ),
        "context": st.fixed_dictionaries(
            {},
            optional={
                "timezone": st.sampled_from(["Europe/Berlin", "Asia/Kathmandu", "Nowhere", ""]),
                "library": st.sampled_from(["analytics.js", "analytics-python", "Ünknown"]).map(lambda n: {"name": n}),
                "device": st.sampled_from(["phone", "Tablet", "toaster", ""]).map(lambda kind: {"type": kind}),
                "userAgent": st.sampled_from(["Mozilla/5.0 (Windows NT 10.0)", "Mozilla/5.0 (iPad)", "curl", "Müller"]),
            },
        ),
    },
)


@settings(max_examples=150)
@given(batch=st.lists(plain, min_size=1, max_size=12), server=st.booleans(), local=st.booleans())
def test_columns_and_events_leave_the_same_journal(
    twins: tuple[House, House], batch: list[dict[str, Any]], server: bool, local: bool
) -> None:
    how = {"key": twins[0].server_key if server else twins[0].write_key, "peer": "127.0.0.1" if local else "10.0.0.1"}

    as_columns, one_by_one, _ = both(twins, batch, **how)

    assert as_columns == one_by_one


def test_usual_batches_come_as_columns(twins: tuple[House, House]) -> None:
    batch = [view(f"new-{i}", category="Garden/Tools", at=START - i) for i in range(20)]

    as_columns, one_by_one, came = both(twins, batch, key=twins[0].write_key)

    assert as_columns == one_by_one
    assert came == 20
    assert sum(row[WHOLE.index("kind")] == Kind.PRODUCT_VIEWED for row in as_columns) == 20


def test_the_kind_of_device_reaches_the_row_both_ways(twins: tuple[House, House]) -> None:
    said = [
        {"device": {"type": "tablet"}, "userAgent": "Mozilla/5.0 (Macintosh)"},
        {"userAgent": "Mozilla/5.0 (Windows NT 10.0)"},
        {"device": {"type": "toaster"}, "userAgent": "Mozilla/5.0 (iPhone) Mobile"},
        {},
    ]
    batch = [view("u-device", at=START - i) | {"context": context} for i, context in enumerate(said)]

    as_columns, one_by_one, came = both(twins, batch, key=twins[0].write_key)

    kinds = [
        [row[WHOLE.index("device")] for row in rows if row[WHOLE.index("kind")] == Kind.PRODUCT_VIEWED]
        for rows in (as_columns, one_by_one)
    ]
    assert kinds == [[Device.TABLET, Device.DESKTOP, Device.PHONE, Device.UNKNOWN]] * 2
    assert came == len(batch)


def test_a_repetition_counts_once_and_a_servers_confirms_links(twins: tuple[House, House]) -> None:
    batch = [view("u-link", at=START) | {"anonymousId": "a-link", "messageId": f"r{i % 3}"} for i in range(6)]

    assert [both(twins, batch, key=key)[:2] for key in (twins[0].write_key, twins[0].server_key)]
    one, other = twins
    assert one.person("a-link", "anonymous_id") == one.person("u-link")
    assert other.person("a-link", "anonymous_id") == other.person("u-link")
    assert journal_of(one, 1) == journal_of(other, 1)


def test_columns_and_events_of_one_commit_are_counted_together(tmp_path: Path) -> None:
    """Requests of both forms that share a commit: a message that comes in both counts once."""
    views = [view("mixed") | {"messageId": f"mix{i}"} for i in range(8)]
    batches = [views, [order("mixed"), *views], views, [order("mixed")]]
    with House(tmp_path / "d") as house:
        asked = [house.ask("POST", "/v1/batch", {"batch": sent}, key=house.write_key) for sent in batches]
        assert [answer.status for answer in house.together(*asked)] == [200] * 4

        assert house.get("/v1/stats").told["events"] == 10
        assert house.orders("mixed") == 2
        assert house.verify().differences == []


def test_what_could_not_be_written_may_come_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with House(tmp_path / "d", people_max=12) as house:
        batch = [view(f"u{i}") for i in range(10)]
        house.take(*batch)
        more = [view(f"v{i}") for i in range(10)]
        assert house.send(*more).status == 503
        with monkeypatch.context() as broken:
            broken.setattr(house.node.pipeline.permits, "of_all", lambda *_, **__: 1 // 0)
            again = [view("u1") for _ in range(10)]
            assert house.send(*again).status == 500

        house.take(*again)

        assert house.get("/v1/stats").told["events"] == 20
        assert house.verify().differences == []
