"""Withdrawing the training acts at once: the online statistics are those of a world where the person never taught."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random

import numpy as np
import pytest

from genom.app.decisions.outcomes import Outcomes
from genom.consent import Entry
from tests.app.events import consenting, identify, order, track, view
from tests.app.house import House
from tests.app.test_learned_points import BANNER, HERO, click, decided, learned_sums, permit, settle

USERS = ("u1", "u2", "u3")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """Three persons who teach: orders after orders, decisions with and without success."""
    with House(tmp_path / "d") as house:
        house.post("/v1/points", {"points": [HERO, BANNER]}).told  # noqa: B018
        actions = [{"id": name, "point": "hero"} for name in ("tea", "milk")]
        arms = [{"id": name, "point": "banner"} for name in ("plain", "vivid")]
        house.post("/v1/actions", {"actions": actions + arms}).told  # noqa: B018
        permit(house, *USERS)
        chance = Random(4)
        for user in USERS:
            house.consent(user, "recommend", granted=True)
            house.take(view(user), *[order(user, category=chance.choice(["TEA", "MILK", "WINE"])) for _ in range(4)])
        for _ in range(40):
            user = chance.choice(USERS)
            decision = decided(house, user, chance.choice(["hero", "banner"]))["decision_id"]
            if chance.random() < 0.5:
                click(house, decision, user)
        settle(house)
        yield house


def told_anew(house: House) -> Outcomes:
    """The statistics as the journal tells them from its beginning, by the permissions of now."""
    (house.path / "models" / "online" / "outcomes.state").unlink(missing_ok=True)
    anew = Outcomes(house.node)
    anew.close(house.clock.now)
    return anew


def equal(house: House) -> bool:
    held, anew = house.node.outcomes, told_anew(house)
    same = all(held.lessons[key] == lessons for key, lessons in anew.lessons.items())
    return same and np.allclose(held.companions.following, anew.companions.following, atol=1e-9)


def test_a_withdrawal_takes_exactly_the_person_out(house: House) -> None:
    before = int(learned_sums(house.node.outcomes).counts.sum())
    followed = house.node.outcomes.companions.following.sum()

    house.consent("u2", "model_training", granted=False)

    after = house.node.outcomes
    assert 0 < learned_sums(after).counts.sum() < before
    assert 0 < after.companions.following.sum() < followed
    assert equal(house)


def test_who_permits_it_again_is_taken_in_again(house: House) -> None:
    before = learned_sums(house.node.outcomes).by_action()
    following = house.node.outcomes.companions.following.copy()

    house.consent("u2", "model_training", granted=False)
    house.consent("u2", "model_training", granted=True)

    assert learned_sums(house.node.outcomes).by_action() == before
    np.testing.assert_allclose(house.node.outcomes.companions.following, following, atol=1e-9)
    assert equal(house)


def test_withdrawing_recommendations_alone_leaves_decisions_in(house: House) -> None:
    before = learned_sums(house.node.outcomes).by_action()

    house.consent("u1", "recommend", granted=False)

    assert learned_sums(house.node.outcomes).by_action() == before
    assert equal(house)


def test_a_decision_that_is_open_at_the_withdrawal_is_never_learned(house: House) -> None:
    decided(house, "u3")
    house.consent("u3", "model_training", granted=False)
    settle(house)

    assert equal(house)


def refusing_browser(house: House, name: str) -> None:
    """Somebody of whom nobody knows who they are, and who refuses the training."""
    house.consent(name, "model_training", granted=False, kind="anonymous_id")


def taught(house: House) -> int:
    return int(learned_sums(house.node.outcomes).counts.sum())


def test_a_link_to_somebody_who_refuses_takes_out_what_was_taught_and_a_split_takes_it_in(house: House) -> None:
    before, following = taught(house), house.node.outcomes.companions.following.copy()
    refusing_browser(house, "a-9")
    settle(house)
    assert taught(house) == before

    house.serve(identify("u2", "a-9"))
    settle(house)

    assert house.person("u2") == house.person("a-9", "anonymous_id")
    assert 0 < taught(house) < before
    assert 0 < house.node.outcomes.companions.following.sum() < following.sum()
    assert equal(house)

    house.unlink("a-9", "anonymous_id")
    settle(house)
    assert taught(house) == before
    np.testing.assert_allclose(house.node.outcomes.companions.following, following, atol=1e-9)
    assert equal(house)


def test_a_choice_between_link_and_agreement_is_counted_once(house: House) -> None:
    refusing_browser(house, "a-9")
    unlearning, profiles = house.node.outcomes.unlearning, house.node.world.profiles
    house.serve(identify("u2", "a-9"))
    assert unlearning.waits
    entry = Entry(
        at=house.clock.now, subjects=(), purpose="recommend", granted=False, text="", mechanism="test", source="",
        actor="server",
    )  # fmt: skip
    unlearning.choosing(house.node.world.people.person(profiles.find("user_id", "u2")), entry)

    house.node.outcomes.agree()

    assert equal(house)


def test_a_start_that_never_heard_of_the_link_folds_anew(house: House) -> None:
    """The statistics on disk are from before the link: a crash came before they were saved again."""
    refusing_browser(house, "a-9")
    settle(house)
    house.restart()  # saves what was taught so far
    saved = house.path / "models" / "online" / "outcomes.state"
    kept, before = saved.read_bytes(), taught(house)
    house.serve(identify("u2", "a-9"))
    settle(house)
    house.close()
    saved.write_bytes(kept)

    house.open()
    house.node.outcomes.close(house.clock.now)

    assert 0 < taught(house) < before
    assert equal(house)


def test_a_refusal_that_comes_with_an_event_acts_too(house: House) -> None:
    before = int(learned_sums(house.node.outcomes).counts.sum())

    house.take(consenting(view("u1"), model_training=False))
    settle(house)

    assert learned_sums(house.node.outcomes).counts.sum() < before
    assert equal(house)


def test_when_all_withdraw_nothing_is_left(house: House) -> None:
    for user in USERS:
        house.consent(user, "model_training", granted=False)

    assert not learned_sums(house.node.outcomes).by_action()
    assert not house.node.outcomes.companions.following.any()


def test_the_next_start_goes_on_from_what_was_obeyed(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.consent("u2", "model_training", granted=False)
    held = learned_sums(house.node.outcomes).by_action()
    house.restart()
    began: list[int] = []
    blocks = house.node.journal.blocks
    monkeypatch.setattr(house.node.journal, "blocks", lambda first=1: began.append(first) or blocks(first))

    again = Outcomes(house.node)

    assert began[0] > 1
    assert learned_sums(again).by_action() == held


def test_where_not_all_decisions_were_followed_the_next_start_forgets(house: House) -> None:
    before = learned_sums(house.node.outcomes).by_action()
    house.node.outcomes.lost = 1

    house.consent("u2", "model_training", granted=False)
    kept = learned_sums(house.node.outcomes).by_action()
    house.restart()
    house.node.outcomes.close(house.clock.now)

    assert kept == before
    assert learned_sums(house.node.outcomes).by_action() != before
    assert equal(house)


def test_an_erasure_takes_exactly_the_person_out(house: House) -> None:
    house.app.counts.clear()
    decided(house, "u2", "hero")  # one that is open
    before = int(learned_sums(house.node.outcomes).counts.sum())

    house.post("/v1/people:erase", {"type": "user_id", "value": "u2"}).told  # noqa: B018
    house.run(house.app.erasing.finish())

    after = house.node.outcomes
    assert 0 < learned_sums(after).counts.sum() < before
    assert not after.open
    assert equal(house)
    house.restart()
    assert equal(house)


def test_what_tagged_events_taught_is_unlearned_beside_the_work(house: House) -> None:
    """Orders of a category and clicks on an action that are tagged later count as never having been (P51)."""
    for user in ("u1", "u2", "u3"):
        for _ in range(4):
            decision = decided(house, user, "hero")["decision_id"]
            house.take(track("Promotion Clicked", user, decision_id=decision, promotion_id="tea"))
        if user == "u2":
            settle(house)  # those of the third are still open
    before, following = learned_sums(house.node.outcomes).by_action(), house.node.outcomes.companions.following.copy()

    house.put("/v1/art9", {"category_2": ["WINE"], "products": ["tea"]}).told  # noqa: B018
    assert house.run(house.app.tagger.finish())

    assert not house.node.outcomes.unlearning.out
    assert learned_sums(house.node.outcomes).by_action() != before
    assert house.node.outcomes.companions.following.sum() < following.sum()
    assert equal(house)
    settle(house)
    assert equal(house)


def test_who_chooses_orders_or_leaves_while_they_are_out_is_taken_in_as_they_are(house: House) -> None:
    outcomes, numbers = house.node.outcomes, [house.node.world.profiles.find("user_id", user) for user in USERS]
    outcomes.take_out(numbers)
    house.consent("u1", "model_training", granted=False)
    house.take(order("u2", category="MILK"))
    click(house, decided(house, "u3", "hero")["decision_id"], "u3")
    settle(house)
    outcomes.take_in(numbers)

    assert equal(house)
    outcomes.take_out(numbers)
    house.post("/v1/people:erase", {"type": "user_id", "value": "u2"}).told  # noqa: B018
    house.run(house.app.erasing.finish())
    outcomes.take_in(numbers)
    assert equal(house)
