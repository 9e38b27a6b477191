"""A kill between any two requests of a round: what people changed reaches the node after a restart."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from genom_demo.diary import Diary
from genom_demo.rounds import Lines, Rounds
from genom_demo.world import names
from genom_demo.world.world import make_world

world = make_world(7, 200)
VISITS = 600
HOUR = 18.0  # of the day, at which people come
ANSWERS = {"shop_row": "row_beans", "shop_banner": "banner_plain", "shop_aa": "aa_one"}


class Killed(BaseException):
    """The process ends here."""


class FakeNode:
    """Takes everything, choices once, until the request at which the driver is killed."""

    def __init__(self) -> None:
        self.consents: list[dict[str, Any]] = []
        self.events: list[dict[str, Any]] = []
        self.dies: Callable[[str, str], bool] = lambda _path, _source: False
        self.heard_it = False  # before it dies; else it does not hear the request

    def call(self, _method: str, path: str, body: Any, *, source: str = "") -> dict[str, Any]:
        """What a client's `call` answers."""
        dies = self.dies(path, source)
        if dies and not self.heard_it:
            raise Killed
        if path == "/v1/consent":
            known = {one["messageId"] for one in self.consents}
            self.consents += [one for one in body["consents"] if one["messageId"] not in known]
        else:
            self.events += json.loads(body)["batch"]
        if dies:
            raise Killed
        return {}

    def ask_all(self, path: str, asked: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The same decision for everybody."""
        if self.dies(path, ""):
            raise Killed
        actions = [ANSWERS.get(ask["point"], "do_nothing") for ask in asked]
        return [
            {"decision_id": f"d{n:016x}", "choices": [{"action": action}], "control": False}
            for n, action in enumerate(actions)
        ]


def open_rounds(node: Any, state: Path) -> Rounds:
    lines = Lines(server=node, browser=node, source="living-shop", secret=b"secret")
    return Rounds(lines, world, state, Diary(state, world.truth), hour=HOUR)


@pytest.mark.parametrize(("path", "source"), [
    ("/v1/consent", ""), ("/v1/batch", ""), ("/v1/batch", "living-shop"), ("/v1/decide", ""),
], ids=["choices", "browsers", "server", "decisions"])  # fmt: skip
def test_choices_and_log_ins_of_a_round_that_a_kill_cut_reach_the_node(tmp_path: Path, path: str, source: str) -> None:
    node = FakeNode()
    node.dies = lambda *asked: asked == (path, source)
    with pytest.raises(Killed):
        open_rounds(node, tmp_path).go(VISITS)
    node.dies = lambda *_: False

    memory = open_rounds(node, tmp_path).memory

    assert memory.changed
    assert memory.logins
    last = {(one["value"], one["purpose"]): one["granted"] for one in node.consents}
    for person, granted in memory.changed.items():
        device = names.anonymous_id(person, app=world.people.devices(person)[0])
        assert {last[device, purpose] for purpose in {purpose for _, purpose in last}} == {granted}
    signed_up = {event.get("userId") for event in node.events if event.get("event") == "Signed Up"}
    assert {names.user(person) for person in memory.logins} <= signed_up


@pytest.mark.parametrize("path", ["/v1/consent", "/v1/batch", "/v1/decide"])
def test_what_is_sent_again_after_a_kill_behind_the_nodes_answer_has_the_same_ids(tmp_path: Path, path: str) -> None:
    node = FakeNode()
    node.dies, node.heard_it = lambda asked, _: asked == path, True
    with pytest.raises(Killed):
        open_rounds(node, tmp_path).go(VISITS)
    heard, consents = {event["messageId"] for event in node.events}, list(node.consents)
    node.dies = lambda *_: False

    open_rounds(node, tmp_path)

    assert consents
    assert node.consents == consents
    assert heard <= {event["messageId"] for event in node.events}
    assert path != "/v1/decide" or heard == {event["messageId"] for event in node.events}


def test_each_choice_has_an_id_of_its_own(tmp_path: Path) -> None:
    node = FakeNode()
    rounds = open_rounds(node, tmp_path)
    made: list[str] = []
    node.call = lambda _m, path, body, **_: (
        made.extend(one["messageId"] for one in (body["consents"] if path == "/v1/consent" else [])) or {}
    )  # type: ignore[method-assign]

    rounds.go(VISITS)
    rounds.go(VISITS)

    assert len(made) > 20
    assert len(set(made)) == len(made)
