"""The commit: what is acknowledged stays, what is refused leaves nothing behind, nobody waits for ever."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from genom.app.batch import Batch
from genom.collect import open_envelope, understand
from genom.errors import Busy
from tests.app.events import order, view
from tests.app.house import Answer, House


def test_closing_commits_what_waits_and_answers_it(tmp_path: Path) -> None:
    with House(tmp_path / "d") as house:

        async def send_and_close() -> list[Answer]:
            sent = [house.ask("POST", "/v1/track", order(f"u{n}"), key=house.write_key) for n in range(20)]
            waiting = [asyncio.create_task(one) for one in sent]
            await asyncio.sleep(0)
            await house.committer.close()
            return list(await asyncio.wait_for(asyncio.gather(*waiting), 10))

        answers = house.run(send_and_close())
        house.node.close()
        house.open()

        assert {answer.status for answer in answers} == {200}
        assert house.get("/v1/stats").told["events"] == 20


def test_a_closed_committer_takes_nothing(tmp_path: Path) -> None:
    with House(tmp_path / "d") as house:
        envelope = open_envelope(b'{"batch":[]}', "batch")
        source = house.node.sources[1]
        decoded = understand(envelope, source=source, server=False, received_at=1, settings=house.settings)
        house.run(house.committer.close())

        with pytest.raises(Busy):
            house.committer.submit(Batch(decoded.events, source))


def test_requests_that_arrive_together_share_a_commit(tmp_path: Path) -> None:
    with House(tmp_path / "d") as house:
        before = house.committer.commits

        house.together(*[house.ask("POST", "/v1/track", view(f"u{n}"), key=house.write_key) for n in range(50)])

        assert house.committer.commits - before <= 3
        assert house.committer.waiting_bytes == 0


def test_what_is_done_between_commits_finds_all_folded_that_came_before(tmp_path: Path) -> None:
    """Also beside facts, and no sync is spent on it."""
    with House(tmp_path / "d") as house:
        found: list[tuple[int, int]] = []

        async def look() -> int:
            node, committer = house.node, house.committer
            sent = [house.ask("POST", "/v1/track", view(f"u{n}"), key=house.write_key) for n in range(5)]
            waiting = [asyncio.create_task(one) for one in sent]
            facts = committer.submit_facts(lambda: node.pipeline.stage_facts([("user_id", "named")]))
            await house.nothing()
            turns = [committer.between(lambda: found.append((node.journal.last, node.world.position)))]
            await asyncio.gather(*turns, facts, *waiting)
            before = committer.commits
            await committer.between(house.node.world.profiles.dump)
            return committer.commits - before

        assert house.run(look()) == 0
        assert found == [(12, 12)]  # five events with their people and their category, and the one that was named


def test_what_fails_between_commits_is_told_to_who_asked_for_it(tmp_path: Path) -> None:
    def fails() -> None:
        raise ValueError("broken")

    with House(tmp_path / "d") as house:

        async def turn() -> None:
            await house.committer.between(fails)

        with pytest.raises(ValueError, match="broken"):
            house.run(turn())
        house.take(view("u1"))


def test_what_two_homes_refuse_comes_again_and_counts_once(tmp_path: Path) -> None:
    """The vault refuses a group of three requests; one event had a new person, one a new category."""
    with House(tmp_path / "d") as house:
        sent = [order("u1", email="a@example.org"), order("u2", category="HONEY"), view("u3")]

        def all_of() -> list[int]:
            asked = [house.ask("POST", "/v1/batch", {"batch": [event]}, key=house.write_key) for event in sent]
            return [answer.status for answer in house.together(*asked)]

        with house.vault_locked():
            assert all_of() == [503, 503, 503]
        assert all_of() == [200, 200, 200]

        assert [house.orders(user) for user in ("u1", "u2", "u3")] == [1, 1, 0]
        assert house.get("/v1/stats").told["events"] == 3
        assert house.verify().differences == []
        house.restart()
        assert [house.orders(user) for user in ("u1", "u2", "u3")] == [1, 1, 0]


def test_an_event_that_breaks_the_node_is_alone_in_its_harm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bug while one group is staged: nothing of the group is written later, and it may come again."""
    with House(tmp_path / "d") as house:
        house.take(order("u1"))
        with monkeypatch.context() as broken:
            broken.setattr(house.node.pipeline.permits, "of", lambda *_, **__: (1 << 64, 0))
            poisoned = order("u2")
            assert house.send(poisoned).status == 500

        house.take(order("u1"))
        house.take(poisoned)

        assert (house.orders("u1"), house.orders("u2")) == (2, 1)
        assert house.verify().differences == []
        house.restart()
        assert (house.orders("u1"), house.orders("u2")) == (2, 1)


@pytest.mark.parametrize("value", ["\ud800", "x\ud83d", "\x00", "\u202e", "é" * 200, " ", "0", "-1", "null"])
@pytest.mark.parametrize("where", ["messageId", "userId", "event", "product", "category"])
def test_strange_text_is_taken_or_rejected_and_breaks_nothing(house_of_all: House, where: str, value: str) -> None:
    house = house_of_all
    line = {"product_id": value, "price": 1} if where == "product" else {"product_id": "p", "category": value}
    event = order("strange") | {"properties": {"products": [line], "total": 1}}
    strange = event | ({where: value} if where in {"messageId", "userId", "event"} else {})

    answer = house.send(strange, order("plain"))

    assert answer.status == 200
    assert answer.json["accepted"] >= 1
    assert answer.json["accepted"] + len(answer.json["rejected"]) == 2


@pytest.fixture(scope="module")
def house_of_all(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One house for all strange texts; it is verified and opened again at its end."""

    with House(tmp_path_factory.mktemp("house") / "d") as house:
        yield house
        assert house.verify().differences == []
        before = house.orders("plain")
        house.restart()
        assert house.orders("plain") == before


class _Busy:
    """The pace of a node that is always busy."""

    def begin(self) -> None:
        """Nothing to remember."""

    def rest(self) -> float:
        return 30.0  # seconds: whoever waits for it to pass is found out


def test_a_busy_node_lets_few_requests_wait_and_many_go_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with House(tmp_path / "d") as house:
        before = house.committer.commits
        monkeypatch.setattr(house.committer, "_pace", _Busy())
        asked = [house.ask("POST", "/v1/track", view(f"u{n}"), key=house.write_key) for n in range(8)]

        answers = house.together(*[asyncio.wait_for(one, 20) for one in asked])

        assert {answer.status for answer in answers} == {200}
        assert house.committer.commits - before == 1


def test_a_busy_node_ends_without_waiting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with House(tmp_path / "d") as house:
        monkeypatch.setattr(house.committer, "_pace", _Busy())

        async def send_and_close() -> Answer:
            waiting = asyncio.create_task(house.ask("POST", "/v1/track", view("u1"), key=house.write_key))
            for _ in range(5):
                await house.nothing()
            await asyncio.wait_for(house.committer.close(), 20)
            return await waiting

        assert house.run(send_and_close()).status == 200
        monkeypatch.undo()
