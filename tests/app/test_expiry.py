"""Consents that run out, on a whole node: at their very millisecond, without anybody doing anything."""

from __future__ import annotations

import json
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import numpy as np
import pytest

from genom.app.consenting import record_restriction
from genom.app.reading import rfc3339
from genom.app.training.past import open_record
from genom.consent import parse_lifetime
from tests.app.events import consenting, identify, order, track
from tests.app.house import DAY, START, House
from tests.app.portal import plain, visit
from tests.app.segment_house import BUYERS, PURPOSE, changes, define, members, pass_time, people
from tests.app.test_learned_points import HERO, click, decided, learned_sums, permit, settle
from tests.app.test_unlearning import equal
from tests.consent.gpp_strings import gpp
from tests.consent.tc_strings import encode
from tests.consent.test_tcf import PLAIN

END = parse_lifetime("12mo").end(START)  # 2 March 2027, 12:00 UTC


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """Ada has agreed at the start and bought twice since."""
    with House(tmp_path / "d", segment_floor=1) as house:
        house.consent("ada", PURPOSE, granted=True)
        house.clock.now += 1
        house.serve(order("ada"), order("ada"))
        yield house


def effective(house: House, value: str = "ada") -> set[str]:
    node = house.node
    person = node.world.people.person(node.world.profiles.find("user_id", value))
    return set(node.purposes.names_of(node.effective(person, house.clock.now)))


def served(house: House, value: str = "ada", kind: str = "user_id") -> set[str]:
    """What the newest event of somebody may serve."""
    rows = house.node.journal.rows_of([house.node.world.profiles.find(kind, value)]).rows
    newest = rows[rows["kind"] < 200][-1]
    return set(house.node.purposes.names_of(int(newest["mask"] | newest["assumed"])))


def test_the_bit_is_off_at_the_very_millisecond(house: House) -> None:
    house.clock.now = END - 1
    assert PURPOSE in effective(house)
    assert house.orders("ada", purpose=PURPOSE) == 2

    house.clock.now = END

    assert PURPOSE not in effective(house)
    assert house.orders("ada", purpose=PURPOSE) == "withheld"


def test_a_restart_keeps_it_on_either_side(house: House) -> None:
    for now, permitted in ((END - 1, True), (END, False)):
        house.clock.now = now
        house.restart()
        assert (PURPOSE in effective(house)) is permitted


def test_a_decision_drops_its_reasons(house: House) -> None:
    house.consent("ada", "recommend", granted=True)
    ends = parse_lifetime("12mo").end(START + 1)
    house.clock.now = ends - 1
    before = house.decide("ada")
    assert (before["basis"], before["evidence"] is None) == ("recorded consent", False)

    house.clock.now = ends

    after = house.decide("ada")
    assert (after["basis"], after["evidence"]) == ("recorded consent that ran out", None)
    assert not after["mask"] & house.node.purposes.bit("recommend")


def test_a_renewed_grant_reads_the_past_again_and_its_year_begins_anew(house: House) -> None:
    house.clock.now = END + 5 * DAY
    assert house.orders("ada", purpose=PURPOSE) == "withheld"

    house.consent("ada", PURPOSE, granted=True)

    assert house.orders("ada", purpose=PURPOSE) == 2  # what was permitted when it happened
    house.clock.now = parse_lifetime("12mo").end(END + 5 * DAY) - 1
    assert PURPOSE in effective(house)
    house.clock.now += 1
    assert PURPOSE not in effective(house)


def test_the_past_is_read_by_the_permissions_of_now_and_what_counted_then_is_seen_to_have_counted(
    house: House,
) -> None:
    then = rfc3339(house.clock.now + DAY)
    house.clock.now = END
    assert house.orders("ada", purpose=PURPOSE, at=then) == "withheld"
    house.serve(order("ada"))

    house.consent("ada", PURPOSE, granted=True)
    house.clock.now += DAY
    house.serve(order("ada"))

    assert house.orders("ada", purpose=PURPOSE, at=then) == 2
    house.clock.now += DAY
    assert house.orders("ada", purpose=PURPOSE, at=rfc3339(house.clock.now - 1)) == 3  # without the one in between


def test_what_happens_after_the_end_serves_the_purpose_never(house: House) -> None:
    house.clock.now = END - 1
    house.serve(order("ada"))
    assert PURPOSE in served(house)
    house.clock.now = END

    house.serve(order("ada"))

    assert PURPOSE not in served(house)
    house.consent("ada", PURPOSE, granted=True)
    assert house.orders("ada", purpose=PURPOSE) == 3


def test_development_mode_assumes_nothing_in_its_place(house: House) -> None:
    house.take(order("eve"))
    assert PURPOSE in effective(house, "eve")
    house.clock.now = END

    house.take(order("ada"))

    assert PURPOSE not in effective(house) | served(house)


def test_what_a_browser_repeats_renews_nothing_and_a_choice_does(house: House) -> None:
    house.clock.now = END
    repeated, chosen = order("ada"), track("Consent Preference Updated", "ada")

    house.serve(consenting(repeated, personalise_onsite=True))
    assert PURPOSE not in effective(house) | served(house)

    house.serve(consenting(chosen, personalise_onsite=True))
    assert PURPOSE in effective(house) & served(house)


def test_a_tc_string_is_as_old_as_it_says(house: House) -> None:
    def post(updated: int) -> None:
        text = encode(PLAIN._replace(consents=2047, created=updated // 100, updated=updated // 100))
        house.post("/v1/consent/tc", {"type": "user_id", "value": "tom", "tc": text}).told  # noqa: B018

    post(START - 300 * DAY)
    assert PURPOSE in effective(house, "tom")
    for _ in range(2):  # the same string again is no younger
        house.clock.now += 60 * DAY
        post(START - 300 * DAY)
    assert house.clock.now > START + 65 * DAY
    assert PURPOSE not in effective(house, "tom")

    post(house.clock.now - DAY)
    assert PURPOSE in effective(house, "tom")


def test_an_event_with_an_old_tc_string_serves_nothing_by_it(house: House) -> None:
    def sent(updated: int) -> dict[str, Any]:
        text = encode(PLAIN._replace(consents=2047, created=updated // 100, updated=updated // 100))
        return order("tom") | {"context": {"consent": {"gpp": gpp({2: text})}}}

    house.serve(sent(START - 400 * DAY))
    assert PURPOSE not in effective(house, "tom") | served(house, "tom")

    house.serve(sent(START))
    assert PURPOSE in effective(house, "tom") & served(house, "tom")


def test_signals_in_events_renew_nothing_unless_they_are_younger_than_the_grant(house: House) -> None:
    def signalled(**signals: object) -> dict[str, Any]:
        return order("ada") | {"context": {"consent": signals}}

    def tc(updated: int) -> str:
        text = encode(PLAIN._replace(consents=2047, created=updated // 100, updated=updated // 100))
        return gpp({2: text})

    house.consent("ada", "measure_person", granted=True)
    house.clock.now = END + DAY
    entries = len(list(house.node.ledger.replay()))

    house.serve(signalled(google={"analytics_storage": "granted", "personalization_storage": "granted"}))
    house.serve(signalled(gpp=tc(START - DAY)))
    assert not {PURPOSE, "measure_person"} & (effective(house) | served(house))
    assert not any(one.purpose in {PURPOSE, "measure_person"} for one in list(house.node.ledger.replay())[entries:])

    house.serve(signalled(gpp=tc(END)))
    assert {PURPOSE, "measure_person"} <= effective(house) & served(house)


def test_of_linked_profiles_grants_the_later_counts_and_refusals_outlive_all(house: House) -> None:
    house.clock.now = START + 30 * DAY
    house.consent("anna", PURPOSE, granted=True, kind="anonymous_id")
    house.serve(identify("ada", "anna"))

    house.clock.now = END
    assert PURPOSE in effective(house)
    house.unlink("anna", "anonymous_id")
    assert PURPOSE not in effective(house)

    house.consent("ada", PURPOSE, granted=False)
    house.clock.now += 4_000 * DAY
    assert PURPOSE not in effective(house)


def test_a_segment_lets_go_at_once_and_its_log_says_why(house: House) -> None:
    define(house, BUYERS)
    assert members(house) == people(house, "ada")

    pass_time(house, 30 * DAY)  # what development mode assumed is over, too
    house.clock.now = END
    assert members(house) == set()

    pass_time(house, house.settings.segment_seconds * 1000)
    assert changes(house)[-1] == ("left", house.person("ada"), "time")


def test_events_in_columns_are_judged_by_the_clock_too(house: House) -> None:
    """`of_all` remembers masks by person; it must not remember them beyond the end."""
    permits, person = house.node.pipeline.permits, np.array([house.node.world.profiles.find("user_id", "ada")])
    bit = np.uint64(house.node.purposes.bit(PURPOSE))

    for mode in (False, True):
        for now, permitted in ((END - 1, True), (END, False)):
            masks = permits.of_all(person, development=mode, now=now)
            assert bool(masks[0, 0] & bit) is permitted
            assert not masks[0, 1] & bit
        permits.forget(int(person[0]))


def test_nobody_is_learned_from_after_the_end(house: House) -> None:
    bit = house.node.purposes.bit(PURPOSE)
    assert open_record(house.path, house.settings, now=END - 1).past(bit).events > 0

    assert open_record(house.path, house.settings, now=END).past(bit).events == 0


def test_what_somebody_taught_leaves_the_online_statistics(tmp_path: Path) -> None:
    with House(tmp_path / "d") as house:
        house.post("/v1/points", {"points": [HERO]}).told  # noqa: B018
        house.post("/v1/actions", {"actions": [{"id": one, "point": "hero"} for one in ("tea", "milk")]}).told  # noqa: B018
        permit(house, "ada")
        house.clock.now += DAY
        permit(house, "ben")
        for user in ("ada", "ben"):
            for _ in range(5):
                click(house, decided(house, user)["decision_id"], user)
        settle(house)
        assert learned_sums(house.node.outcomes).counts.sum() == 10

        house.clock.now = END
        settle(house)
        assert learned_sums(house.node.outcomes).counts.sum() == 5
        assert equal(house)

        house.clock.now += DAY
        house.restart()
        settle(house)
        assert learned_sums(house.node.outcomes).counts.sum() == 0

        permit(house, "ada")
        settle(house)
        assert learned_sums(house.node.outcomes).counts.sum() == 5
        assert equal(house)


def test_who_agrees_again_before_anybody_looked_is_not_counted_twice(tmp_path: Path) -> None:
    with House(tmp_path / "d") as house:
        house.post("/v1/points", {"points": [HERO]}).told  # noqa: B018
        house.post("/v1/actions", {"actions": [{"id": one, "point": "hero"} for one in ("tea", "milk")]}).told  # noqa: B018
        permit(house, "ada")
        click(house, decided(house, "ada")["decision_id"], "ada")
        settle(house)

        house.clock.now = END
        permit(house, "ada")
        settle(house)

        assert learned_sums(house.node.outcomes).counts.sum() == 1
        assert equal(house)


def test_the_own_page_says_until_when_and_then_that_it_is_over(house: House) -> None:
    assert "Your consent is valid until 2 Mar 2027." in visit(house, "ada").text("/me/choices")
    assert "Ihre Einwilligung gilt bis 02.03.2027." in visit(house, "ada", language="de").text("/me/choices")

    house.clock.now = END

    told = visit(house, "ada").text("/me/choices")
    assert "Your consent of 2 Mar 2026 expired on 2 Mar 2027, so it is off until you agree again." in told
    assert "valid until" not in told
    german = visit(house, "ada", language="de").text("/me/choices")
    assert "vom 02.03.2026 ist am 02.03.2027 abgelaufen" in german

    visit(house, "ada").turn(PURPOSE, on=True)
    assert "valid until 2 Mar 2028" in visit(house, "ada").text("/me/choices")
    assert PURPOSE in effective(house)


def test_a_pause_makes_no_consent_younger_and_ends_none_early(house: House) -> None:
    house.clock.now = START + 300 * DAY
    visit(house, "ada").press("/me/pause", pause="yes")
    house.clock.now = END - 1
    visit(house, "ada").press("/me/pause", pause="no")
    assert PURPOSE in effective(house)

    house.clock.now = END
    assert PURPOSE not in effective(house)


def test_a_consent_that_ran_out_in_a_pause_is_asked_anew(house: House) -> None:
    visit(house, "ada").press("/me/pause", pause="yes")
    house.clock.now = END
    visit(house, "ada").press("/me/pause", pause="no")

    assert PURPOSE not in effective(house)
    assert house.node.choices.of(house.node.world.people.members(1), at=END).deny == 0


def test_the_console_says_until_when_and_that_it_is_over(house: House) -> None:
    def page(language: str) -> str:
        path = f"/people/{house.person('ada')}"
        return plain(house.browse(path, cookie=house.sign_in(), language=language).body.decode())

    assert "Permitted by the person. Valid until 2 Mar 2027." in page("en")
    house.clock.now = END
    assert "The person's consent has expired. Valid until 2 Mar 2027." in page("en")
    assert "Die Einwilligung der Person ist abgelaufen. Gültig bis 02.03.2027." in page("de")


def test_a_copy_says_until_when_a_grant_counts(house: House) -> None:
    house.consent("ada", "email", granted=False)

    answer = house.get(f"/v1/people/{house.person('ada')}/export")

    with ZipFile(BytesIO(answer.body)) as packed:
        choices = {one["purpose"]: one["valid_until"] for one in json.loads(packed.read("data.json"))["choices"]}
    assert choices == {PURPOSE: "2027-03-02T12:00:00.000Z", "email": None}


def stands(house: House, purpose: str = PURPOSE, value: str = "ada") -> dict[str, Any]:
    told = house.post("/v1/consent:state", {"type": "user_id", "value": value}).told["purposes"]
    person = house.node.world.profiles.find("user_id", value)
    if person:
        assert house.get(f"/v1/people/{house.person(value)}/consent").told["purposes"] == told
    (found,) = [one for one in told if one["purpose"] == purpose]
    return {name: value for name, value in found.items() if name != "purpose"}


def test_the_api_tells_a_banner_when_to_ask_again(house: House) -> None:
    granted = {"state": "granted", "since": "2026-03-02T12:00:00.000Z", "valid_until": "2027-03-02T12:00:00.000Z"}
    assert stands(house) == granted | {"may_ask": False, "ask_again_after": "2027-03-02T12:00:00.000Z"}
    assert stands(house, "email") == {"state": "open", "may_ask": True}
    assert stands(house, "email", "nobody") == {"state": "open", "may_ask": True}
    assert stands(house, "service") == {"state": "not_needed", "may_ask": False}

    house.clock.now = END
    assert stands(house) == granted | {
        "state": "expired", "may_ask": True, "ask_again_after": "2027-03-02T12:00:00.000Z",
    }  # fmt: skip


def test_after_a_refusal_nobody_is_asked_for_six_months(house: House) -> None:
    house.clock.now = START
    house.consent("ada", PURPOSE, granted=False)
    again = parse_lifetime("6mo").end(START)

    for now, may_ask in ((START, False), (again - 1, False), (again, True)):
        house.clock.now = now
        house.restart()
        assert stands(house) == {
            "state": "refused", "may_ask": may_ask, "since": "2026-03-02T12:00:00.000Z",
            "ask_again_after": "2026-09-02T12:00:00.000Z",
        }  # fmt: skip


def test_the_pause_after_a_refusal_is_a_setting(tmp_path: Path) -> None:
    for months, may_ask in ((1, False), (0, True)):
        with House(tmp_path / str(months), ask_again_months=months) as house:
            house.consent("ada", PURPOSE, granted=False)
            assert stands(house)["may_ask"] is may_ask


def test_nobody_may_ask_whoever_has_their_data_restricted(house: House) -> None:
    person = house.node.world.profiles.find("user_id", "ada")
    house.run(record_restriction(house.app, person, on=True, actor="key:first", mechanism="request"))

    assert stands(house)["state"] == "refused"
    assert not stands(house)["may_ask"]
    assert "ask_again_after" not in stands(house)


def test_a_key_of_a_purpose_learns_of_that_purpose_alone(house: House) -> None:
    body = {"name": "narrow", "role": "privacy_agent", "purposes": ["recommend"], "reason": "a banner"}
    key = house.post("/v1/keys", body).told["key"]

    told = house.post("/v1/consent:state", {"type": "user_id", "value": "ada"}, key=key).told

    assert [one["purpose"] for one in told["purposes"]] == ["recommend"]


def test_a_forged_copy_makes_no_grant_of_the_future(house: House, tmp_path: Path) -> None:
    answer = house.get(f"/v1/people/{house.person('ada')}/export")
    forged = BytesIO()
    with ZipFile(BytesIO(answer.body)) as packed, ZipFile(forged, "w") as written:
        for name in packed.namelist():
            content = packed.read(name)
            if name == "data.json":
                told = json.loads(content)
                for choice in told["choices"]:
                    choice["at"] = "2090-01-01T00:00:00.000Z"
                content = json.dumps(told).encode()
            written.writestr(name, content)
    with House(tmp_path / "other", clock=house.clock) as other:
        taken = other.post("/v1/people:import-copy", forged.getvalue())
        assert taken.status == 200, taken.body
        assert PURPOSE in effective(other)

        other.clock.now = END + DAY
        assert PURPOSE not in effective(other)


def test_the_records_of_processing_say_how_long_a_consent_counts(house: House) -> None:
    english, german = (house.get(f"/v1/privacy/records?language={of}").body.decode() for of in ("en", "de"))

    assert "| A consent counts for | 12 months |" in english
    assert "| Eine Einwilligung gilt | 12 Monate |" in german
