"""The same event twice counts once (law L2)."""

from __future__ import annotations

from pathlib import Path

from tests.app.events import Event, order
from tests.app.house import DAY, House


def nameless(event: Event) -> Event:
    """An event whose client sends no message id."""
    return {name: value for name, value in event.items() if name != "messageId"}


def test_the_same_event_in_one_batch_counts_once(tmp_path: Path) -> None:
    with House(tmp_path / "d") as house:
        event = order("u1")

        house.take(event, event, event)

        assert house.orders("u1") == 1
        assert house.get("/v1/stats").told["duplicate"] == 2


def test_the_same_event_in_a_later_request_counts_once(tmp_path: Path) -> None:
    with House(tmp_path / "d") as house:
        event = order("u1")
        house.take(event)
        house.clock.now += 30 * DAY

        house.take(event)

        assert len(house.get(f"/v1/people/{house.person('u1')}/events").told["events"]) == 1


def test_the_same_event_in_requests_of_one_commit_counts_once(tmp_path: Path) -> None:
    with House(tmp_path / "d") as house:
        event = order("u1")

        house.together(*[house.ask("POST", "/v1/batch", {"batch": [event]}, key=house.write_key) for _ in range(5)])

        assert house.orders("u1") == 1
        assert house.committer.commits == 1


def test_the_same_event_after_a_restart_counts_once(tmp_path: Path) -> None:
    with House(tmp_path / "d") as house:
        event = order("u1")
        house.take(event)
        house.restart()
        house.take(event)
        house.write_state()
        house.restart()

        house.take(event)

        assert house.orders("u1") == 1


def test_one_message_id_with_another_body_is_the_same_event(tmp_path: Path) -> None:
    with House(tmp_path / "d") as house:
        event = order("u1")

        house.take(event, event | {"properties": {"total": 99}})

        assert house.orders("u1") == 1


def test_without_a_message_id_the_bodys_hash_serves(tmp_path: Path) -> None:
    with House(tmp_path / "d") as house:
        event = nameless(order("u1", at=house.clock.now))

        house.take(event)
        house.restart()
        house.take(event, nameless(order("u1", 3, at=house.clock.now)))

        assert house.orders("u1") == 2


def test_an_empty_message_id_is_none(tmp_path: Path) -> None:
    with House(tmp_path / "d") as house:
        house.take(order("u1", 1) | {"messageId": ""}, order("u1", 2) | {"messageId": ""})

        assert house.orders("u1") == 2


def test_another_sources_message_id_is_another_event(tmp_path: Path) -> None:
    with House(tmp_path / "d") as house:
        key, _ = house.source("till", consent="development")
        event = order("u1")

        house.take(event)
        house.take(event, key=key)

        assert house.orders("u1") == 2


def test_an_event_that_could_not_be_written_may_come_again(tmp_path: Path) -> None:
    """The vault is locked by somebody else, so the commit is refused; then the client's second try must count."""
    with House(tmp_path / "d") as house:
        event = order("u1", email="ada@example.org")
        with house.vault_locked():
            assert house.send(event).status == 503

        house.take(event)

        assert house.orders("u1") == 1
        house.restart()
        assert house.orders("u1") == 1
