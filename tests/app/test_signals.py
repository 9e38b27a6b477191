"""Signals of consent at the door: Global Privacy Control and TC strings."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genom.app.commit import now_ms
from tests.app.events import consenting, identify, order, view
from tests.app.house import DAY, START, House
from tests.app.portal import visit
from tests.consent.gpp_strings import gpp, section
from tests.consent.tc_strings import encode
from tests.consent.test_gpp import ALL_OF_TCF, STAYED, TC
from tests.consent.test_tcf import PLAIN

GPC = {"Sec-GPC": "1"}
SOLD = {"sale_us", "share_partner", "ads_retarget", "lookalike", "ads_measure"}


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with House(tmp_path / "d") as house:
        yield house


def denied(house: House, value: str = "u1", kind: str = "user_id") -> set[str]:
    node = house.node
    person = node.world.people.person(node.world.profiles.find(kind, value))
    return set(node.purposes.names_of(node.pipeline.permits.choice_of(person, now_ms()).deny))


@pytest.mark.parametrize("rich", [False, True])
def test_global_privacy_control_refuses_what_sells_and_shares(house: House, rich: bool) -> None:
    house.consent("u1", "ads_retarget", granted=True)
    event = consenting(order("u1"), email=True) if rich else order("u1")

    house.take(event, headers=GPC)

    assert denied(house) == SOLD
    entries = [entry for entry in house.node.ledger.replay() if entry.mechanism == "gpc"]
    assert {entry.purpose for entry in entries} == SOLD
    assert {entry.evidence for entry in entries} == {"Sec-GPC: 1"}
    rows = house.node.journal.rows_of([house.node.world.profiles.find("user_id", "u1")]).rows
    events = rows[rows["kind"] < 200]
    assert not any(int(mask) & house.node.purposes.gpc for mask in events["mask"])  # of this very event, too
    house.restart()
    assert denied(house) == SOLD


def test_it_is_recorded_once_and_not_with_each_request(house: House) -> None:
    for _ in range(5):
        house.take(order("u1"), view("u1"), headers=GPC)

    assert sum(entry.mechanism == "gpc" for entry in house.node.ledger.replay()) == len(SOLD)


@pytest.mark.parametrize("rich", [False, True])
def test_do_not_track_is_an_objection_too_and_the_person_sees_it(house: House, rich: bool) -> None:
    event = consenting(order("u1"), email=True) if rich else order("u1")

    house.take(event, headers={"DNT": "1"})

    assert denied(house) == SOLD
    said = {(entry.mechanism, entry.evidence) for entry in house.node.ledger.replay() if entry.purpose in SOLD}
    assert said == {("dnt", "DNT: 1")}
    assert "Do Not Track" in visit(house, "u1").text("/me/choices")
    assert "„Do Not Track“" in visit(house, "u1", language="de").text("/me/choices")


@pytest.mark.parametrize("headers", [{"DNT": "0"}, {"DNT": "yes"}])
def test_only_one_is_do_not_track(house: House, headers: dict[str, str]) -> None:
    house.take(order("u1"), headers=headers)

    assert denied(house) == set()


def test_do_not_track_can_be_left_out_and_global_privacy_control_cannot(tmp_path: Path) -> None:
    with House(tmp_path / "d", honour_dnt=False) as house:
        house.take(order("u1"), headers={"DNT": "1"})
        assert denied(house) == set()

        house.take(order("u1"), headers={"DNT": "1", **GPC})
        assert denied(house) == SOLD


@pytest.mark.parametrize("value", ["0", "true", "", "1 ", "2"])
def test_only_one_is_the_signal(house: House, value: str) -> None:
    house.take(order("u1"), headers={"Sec-GPC": value})

    assert denied(house) == set()


def test_it_reaches_whoever_is_known_behind_the_browser(house: House) -> None:
    house.serve(identify("u1", "a-1"))
    house.take(view("a-1"), headers=GPC)

    assert denied(house) == SOLD


def test_in_one_commit_only_the_browsers_that_sent_it(house: House) -> None:
    async def send(user: str, headers: dict[str, str]) -> None:
        assert (await house.ask("POST", "/v1/track", order(user), key=house.write_key, headers=headers)).status == 200

    house.together(send("u1", GPC), send("u2", {}), send("u3", GPC))

    assert (denied(house, "u1"), denied(house, "u2"), denied(house, "u3")) == (SOLD, set(), SOLD)


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_persons_page_says_that_it_is_honoured(house: House, language: str) -> None:
    house.take(order("u1"), headers=GPC)

    assert "Global Privacy Control" in visit(house, "u1", language=language).text("/me/choices")
    house.take(order("u2"))
    assert "Global Privacy Control" not in visit(house, "u2", language=language).text("/me/choices")


def test_a_tc_string_grants_and_refuses_by_its_purposes(house: House) -> None:
    consents = sum(1 << purpose - 1 for purpose in (1, 3, 4, 5, 6))
    today = START // 100  # tenths of a second
    text = encode(PLAIN._replace(consents=consents, created=today, updated=today))

    told = house.post("/v1/consent/tc", {"type": "user_id", "value": "u1", "tc": text}).told["choices"]

    said = {one["purpose"]: one["granted"] for one in told}
    assert said == {
        "measure_person": False, "personalise_onsite": True, "ads_measure": False, "ads_retarget": True,
        "model_training": False,
    }  # fmt: skip
    person = house.node.world.profiles.find("user_id", "u1")
    choice = house.node.pipeline.permits.choice_of(person, now_ms())
    assert set(house.node.purposes.names_of(choice.grant)) == {name for name, granted in said.items() if granted}
    assert {entry.evidence for entry in house.node.ledger.replay()} == {text}


def test_without_storage_on_the_device_nothing_is_granted(house: House) -> None:
    text = encode(PLAIN._replace(consents=0b11111111110))

    told = house.post("/v1/consent/tc", {"type": "user_id", "value": "u1", "tc": text}).told["choices"]

    assert not any(one["granted"] for one in told)


def test_a_tc_string_never_widens_what_the_person_refused(house: House) -> None:
    house.consent("u1", "personalise_onsite", granted=False)

    house.post("/v1/consent/tc", {"type": "user_id", "value": "u1", "tc": encode(PLAIN._replace(consents=2047))}).told  # noqa: B018

    assert "personalise_onsite" in denied(house)


def banner(house: House, *, agrees: bool, days: int = 0, user: str = "u1") -> None:
    """A TC string of a banner; it carries the day and not the hour, `days` from the test's begin."""
    day = (START // DAY + days) * DAY // 100  # tenths of a second
    text = encode(PLAIN._replace(consents=2047 if agrees else 0, created=day, updated=day))
    house.post("/v1/consent/tc", {"type": "user_id", "value": user, "tc": text}).told  # noqa: B018


def permits(house: House, user: str = "u1") -> bool:
    person = house.node.world.people.person(house.node.world.profiles.find("user_id", user))
    return bool(house.node.effective(person, now_ms()) & house.node.purposes.bit("personalise_onsite"))


def test_who_refuses_in_a_banner_and_agrees_in_it_later_is_permitted_and_the_other_way_round(house: House) -> None:
    told = []
    for agrees in (False, True, False, True):
        house.clock.now += 60_000
        banner(house, agrees=agrees)
        told.append(permits(house))
        house.restart()
        told.append(permits(house))

    assert told == [False, False, True, True, False, False, True, True]


def test_no_choice_can_pretend_to_be_a_banners_string(house: House) -> None:
    choice = {"type": "user_id", "value": "u1", "purpose": "personalise_onsite", "granted": False, "mechanism": "tcf"}

    answer = house.post("/v1/consent", choice)

    assert (answer.status, answer.json["code"]) == (400, "consent.mechanism-reserved")


def test_an_older_string_takes_no_refusal_back(house: House) -> None:
    house.clock.now += 3 * DAY
    banner(house, agrees=False, days=3)

    banner(house, agrees=True, days=2)
    assert not permits(house)
    banner(house, agrees=True, days=3)
    assert permits(house)


@pytest.mark.parametrize("restarts", [False, True])
@pytest.mark.parametrize("first", [True, False])
def test_a_string_takes_back_nothing_that_was_refused_elsewhere(house: House, first: bool, restarts: bool) -> None:
    if first:
        house.consent("u1", "personalise_onsite", granted=False)
    banner(house, agrees=False)
    if not first:
        house.consent("u1", "personalise_onsite", granted=False)
    if restarts:
        house.restart()

    banner(house, agrees=True)

    assert not permits(house)


def take_copy(house: House, packed: bytes) -> None:
    """Erase the person, whose refusals outlive that, and take a copy of them from another Genom."""
    house.post("/v1/people:erase", {"type": "user_id", "value": "u1"}).told  # noqa: B018
    house.post("/v1/people:import-copy", packed).told  # noqa: B018


def refuse_elsewhere(house: House, way: str) -> None:
    """Refuse foreign advertising in another way than by a banner's string."""
    if way == "a decision with GPC":
        house.post("/v1/points", {"points": [point("ads_retarget")]}).told  # noqa: B018
        decided(house, "ads_retarget", gpc="1", key=house.server_key, who={"user_id": "u1"})
    elif way in {"the own page", "a pause"}:
        ada = visit(house, "u1")
        ada.turn("ads_retarget", on=False) if way == "the own page" else ada.press("/me/pause", pause="yes")
    elif way == "a copy":
        with House(house.path.parent / "other", clock=house.clock) as other:
            other.serve(order("u1"))
            other.consent("u1", "ads_retarget", granted=False)
            packed = other.get(f"/v1/people/{other.person('u1')}/export").body
        take_copy(house, packed)
    else:
        event = {
            "GPC": order("u1"), "an event": consenting(order("u1"), ads_retarget=False),
            "an opt-out": signalling(order("u1"), gpp=OPTED_OUT),
        }[way]  # fmt: skip
        house.take(event, headers=GPC if way == "GPC" else {})


@pytest.mark.parametrize("restarts", [False, True])
@pytest.mark.parametrize(
    "way", ["GPC", "a decision with GPC", "an event", "an opt-out", "the own page", "a pause", "a copy"]
)
def test_what_a_banner_denied_already_can_be_refused_elsewhere_and_no_string_lifts_that(
    house: House, way: str, restarts: bool
) -> None:
    house.serve(order("u1"))
    banner(house, agrees=False)
    refuse_elsewhere(house, way)
    entries = sum(1 for _ in house.node.ledger.replay())
    if way in {"GPC", "an event", "an opt-out"}:
        refuse_elsewhere(house, way)
        assert sum(1 for _ in house.node.ledger.replay()) == entries  # once, and not with each event
    if restarts:
        house.restart()

    banner(house, agrees=True)

    assert "ads_retarget" in denied(house)
    house.restart()
    assert "ads_retarget" in denied(house)


def test_after_a_pause_what_a_banner_denied_is_off_until_the_person_permits_it(house: House) -> None:
    house.serve(order("u1"))
    banner(house, agrees=False)
    ada = visit(house, "u1")
    ada.press("/me/pause", pause="yes")
    ada.press("/me/pause", pause="no")

    banner(house, agrees=True)
    assert not permits(house)
    ada.turn("personalise_onsite", on=True)
    assert permits(house)


def test_a_copy_lifts_nothing_that_a_banner_denied_here(house: House) -> None:
    house.serve(order("u1"))
    banner(house, agrees=False)
    with House(house.path.parent / "other", clock=house.clock) as other:
        other.serve(order("u1"))
        bob = visit(other, "u1")
        bob.press("/me/pause", pause="yes")
        bob.press("/me/pause", pause="no")  # its entries lift what the pause refused
        packed = other.get(f"/v1/people/{other.person('u1')}/export").body

    take_copy(house, packed)

    assert "personalise_onsite" in denied(house)


WAYS = ("agrees", "refuses", "GPC", "an event", "an opt-out", "restart")


@settings(max_examples=25)
@given(story=st.lists(st.sampled_from(WAYS), max_size=7))
def test_a_string_says_whether_something_is_denied_until_it_is_refused_elsewhere(story: list[str]) -> None:
    with TemporaryDirectory() as directory, House(Path(directory) / "d") as house:
        house.serve(order("u1"))
        last, elsewhere = "", False
        for way in story:
            if way == "restart":
                house.restart()
            elif way in {"agrees", "refuses"}:
                banner(house, agrees=way == "agrees")
                last = way
            else:
                refuse_elsewhere(house, way)
                elsewhere = True
            assert ("ads_retarget" in denied(house)) == (elsewhere or last == "refuses"), way


def test_a_string_that_comes_with_events_grants_and_ends_and_lifts_no_refusal(house: House) -> None:
    none = encode(PLAIN._replace(consents=0, created=START // 100, updated=START // 100))
    told = []
    for text in (none, ALL_OF_TCF, none, ALL_OF_TCF):
        house.serve(signalling(order("u1"), gpp=gpp({2: text})))
        told.append(permits(house))
        house.restart()
        told.append(permits(house))
    assert told == [False, False, True, True, False, False, True, True]

    banner(house, agrees=False)
    house.serve(signalling(order("u1"), gpp=gpp({2: ALL_OF_TCF})))
    assert not permits(house)
    banner(house, agrees=True)
    assert permits(house)


def test_a_refusal_of_a_linked_profile_is_not_taken_back_by_the_string_of_another(house: House) -> None:
    house.consent("u2", "personalise_onsite", granted=False)
    banner(house, agrees=False)
    house.serve(identify("u1", "a-1"), identify("u2", "a-2"))
    link = {"type": "track", "event": "Order Completed", "userId": "u1", "context": {"externalIds": [
        {"id": "c1", "type": "card", "collection": "users", "encoding": "none"}]}}  # fmt: skip
    house.serve(link, link | {"userId": "u2"})
    people = {house.node.world.people.person(house.node.world.profiles.find("user_id", user)) for user in ("u1", "u2")}
    assert len(people) == 1

    banner(house, agrees=True)

    assert not permits(house)


@pytest.mark.parametrize("text", ["", "damaged", encode(PLAIN, specific=0), encode(PLAIN)[:-1] + "B"])
def test_a_damaged_tc_string_records_nothing(house: House, text: str) -> None:
    answer = house.post("/v1/consent/tc", {"type": "user_id", "value": "u1", "tc": text})

    assert (answer.status, answer.json["code"]) == (400, "consent.tc-damaged")
    assert list(house.node.ledger.replay()) == []


DENIED = dict.fromkeys(("ad_storage", "analytics_storage", "ad_user_data", "ad_personalization"), "denied")
GRANTED = dict.fromkeys(DENIED, "granted")
ADS = {"ads_measure", "ads_retarget", "lookalike"}
MAPPED = ADS | {"measure_person"}


def with_google(event: dict[str, Any], google: Any) -> dict[str, Any]:
    """The event with what Google's Consent Mode says of it."""
    return signalling(event, google=google)


def signalling(event: dict[str, Any], **signals: Any) -> dict[str, Any]:
    """The event with signals of consent."""
    context = event.get("context", {})
    return event | {"context": context | {"consent": context.get("consent", {}) | signals}}


def granted(house: House, value: str = "u1", kind: str = "user_id") -> set[str]:
    node = house.node
    person = node.world.people.person(node.world.profiles.find(kind, value))
    return set(node.purposes.names_of(node.pipeline.permits.choice_of(person, now_ms()).grant))


def served(house: House, value: str = "u1", kind: str = "user_id") -> set[str]:
    """What the newest event of somebody may serve."""
    rows = house.node.journal.rows_of([house.node.world.profiles.find(kind, value)]).rows
    row = rows[rows["kind"] < 200][-1]
    return set(house.node.purposes.names_of(int(row["mask"]) | int(row["assumed"])))


@pytest.mark.parametrize("many", [1, 9])  # one by one, and as many as are read in columns otherwise
def test_consent_mode_denies_an_event_and_grants_one_of_somebody_new(house: House, many: int) -> None:
    house.take(*[with_google(order("a-1"), DENIED) for _ in range(many)])

    assert not served(house, "a-1", "anonymous_id") & MAPPED
    assert list(house.node.ledger.replay()) == []  # a page says so before anybody has chosen: it is no refusal
    house.take(*[with_google(order("a-1"), GRANTED) for _ in range(many)])
    assert served(house, "a-1", "anonymous_id") >= MAPPED
    assert granted(house, "a-1", "anonymous_id") == MAPPED
    entries = list(house.node.ledger.replay())
    assert {entry.mechanism for entry in entries} == {"google"}
    assert {entry.evidence for entry in entries} == {
        '{"ad_storage":"granted","ad_user_data":"granted","ad_personalization":"granted","analytics_storage":"granted"}'
    }


def test_a_denial_ends_a_grant_and_a_later_grant_counts(house: House) -> None:
    house.take(with_google(order("a-1"), GRANTED))

    house.take(with_google(order("a-1"), DENIED))

    assert (granted(house, "a-1", "anonymous_id"), denied(house, "a-1", "anonymous_id")) == (set(), set())
    assert not served(house, "a-1", "anonymous_id") & MAPPED
    house.restart()
    assert (granted(house, "a-1", "anonymous_id"), denied(house, "a-1", "anonymous_id")) == (set(), set())
    house.serve(with_google(order("a-1"), GRANTED))  # by the shop's server: the browser is known by now
    assert granted(house, "a-1", "anonymous_id") == MAPPED


@pytest.mark.parametrize(
    ("language", "off", "ended"),
    [
        ("en", "that you no longer permit this", "consents ended"),
        ("de", "gemeldet, dass Sie dies nicht mehr erlauben", "Einwilligungen beendet"),
    ],
)
def test_pages_say_that_a_signal_has_ended_a_consent(house: House, language: str, off: str, ended: str) -> None:
    house.serve(with_google(order("u1"), GRANTED))
    house.serve(with_google(order("u1"), DENIED))

    assert visit(house, "u1", language=language).text("/me/choices").count(off) == len(MAPPED)
    page = house.browse(f"/people/{house.person('u1')}", cookie=house.sign_in(), language=language)
    told = page.body.decode()
    assert ended in told
    assert "Google Consent Mode" in told


def test_own_preferences_that_a_signal_contradicts_leave_no_trace_in_the_ledger(house: House) -> None:
    for _ in range(5):
        house.take(with_google(consenting(order("a-1"), ads_measure=True, recommend=True), DENIED))

    assert granted(house, "a-1", "anonymous_id") == {"recommend"}
    assert [(entry.purpose, entry.granted) for entry in house.node.ledger.replay()] == [("recommend", True)]


def test_a_page_that_says_both_by_turns_fills_no_ledger_and_ends_without_a_grant(house: House) -> None:
    for _ in range(30):
        house.serve(with_google(order("u1"), GRANTED), with_google(order("u1"), DENIED))

    assert sum(1 for _ in house.node.ledger.replay()) == 8 * 2 * len(MAPPED)
    house.serve(with_google(order("u1"), GRANTED))
    assert (granted(house), served(house) & MAPPED) == (set(), set())
    house.clock.now += DAY
    house.serve(with_google(order("u1"), GRANTED))
    assert granted(house) == MAPPED


def test_it_never_widens_what_was_refused(house: House) -> None:
    house.consent("u1", "ads_retarget", granted=False)
    house.serve(with_google(order("u1"), GRANTED))

    assert "ads_retarget" in denied(house)
    assert served(house) & ADS == ADS - {"ads_retarget"}


def test_a_client_that_cannot_speak_for_somebody_grants_nothing_but_may_deny(house: House) -> None:
    house.serve(identify("u1", "a-1", email="u1@example.com"))
    house.consent("u1", "measure_person", granted=True)
    house.take(with_google(order("u1"), GRANTED))

    assert granted(house) == {"measure_person"}
    assert served(house) & MAPPED == {"measure_person"}  # this very event, too
    house.take(with_google(order("u1"), DENIED))
    assert granted(house) == set()


@pytest.mark.parametrize(
    "google",
    [
        "G111", None, [], 7, GRANTED | {"ad_storage": "yes"}, GRANTED | {"ad_storage": True},
        GRANTED | {"ad_storage": None}, GRANTED | {"ad_storage": ["granted"]}, GRANTED | {"ad_storage": {"granted": 1}},
        GRANTED | {"ad_storage": "Granted "},
    ],
)  # fmt: skip
def test_what_is_damaged_costs_permissions_and_never_the_event(house: House, google: Any) -> None:
    house.consent("u1", "ads_retarget", granted=True)
    house.serve(with_google(order("u1"), google))

    assert "ads_retarget" not in served(house) | granted(house)
    assert house.get("/v1/stats").told["damaged_signals"] == 1
    rows = house.node.journal.rows_of([house.node.world.profiles.find("user_id", "u1")])
    last = [place for place, row in zip(rows.places, rows.rows, strict=True) if row["line"] == 0][-1]
    assert msgspec.json.decode(house.node.journal.body(last))["context"]["consent"]["google"] == google


def test_a_field_that_is_missing_says_nothing(house: House) -> None:
    house.take(with_google(order("a-1"), {"ad_user_data": "granted", "wait_for_update": 500, "color": "denied"}))

    assert granted(house, "a-1", "anonymous_id") == set()  # others stand for each purpose beside it
    house.take(with_google(order("a-2"), {}))
    assert not served(house, "a-2", "anonymous_id") & MAPPED  # nothing is assumed beside a signal, be it empty


def test_own_preferences_and_consent_mode_together_permit_what_neither_denies(house: House) -> None:
    event = consenting(order("a-1"), ads_measure=True, recommend=True, measure_person=False)
    house.take(with_google(event, GRANTED | {"ad_storage": "denied", "personalization_storage": "denied"}))

    assert served(house, "a-1", "anonymous_id") & (MAPPED | {"recommend"}) == {"lookalike"}


def test_consent_mode_by_a_server(house: House) -> None:
    asked = {"type": "user_id", "value": "u1", "google": GRANTED | {"ad_personalization": "denied"}}
    told = house.post("/v1/consent/google", asked).told["choices"]

    assert {one["purpose"]: one["granted"] for one in told} == {
        "measure_person": True, "ads_measure": True, "ads_retarget": False, "lookalike": False,
    }  # fmt: skip
    assert (granted(house), denied(house)) == ({"measure_person", "ads_measure"}, set())
    house.post("/v1/consent/google", {"type": "user_id", "value": "u1", "google": DENIED}).told  # noqa: B018
    assert (granted(house), denied(house)) == (set(), set())
    house.restart()
    assert (granted(house), denied(house)) == (set(), set())
    assert house.post("/v1/consent/google", asked | {"google": "G111"}).status == 400
    damaged = house.post("/v1/consent/google", asked | {"google": GRANTED | {"ad_storage": "yes"}}).told
    assert damaged["damaged"] == ["ad_storage is 'yes', which counts as denied"]
    assert granted(house) == MAPPED - {"ads_measure", "ads_retarget"}


OPTED_OUT = gpp({7: section(STAYED._replace(opt_outs=(1, 2, 2)))})
OF_TCF = {"measure_person", "personalise_onsite", "ads_measure", "ads_retarget", "model_training"}


@pytest.mark.parametrize("many", [1, 9])
def test_an_opt_out_in_a_gpp_string_is_a_refusal_on_record(house: House, many: int) -> None:
    house.consent("u1", "ads_retarget", granted=True)
    house.take(*[signalling(order("u1"), gpp=OPTED_OUT) for _ in range(many)])

    assert (denied(house), granted(house)) == (SOLD, set())
    assert not served(house) & SOLD
    entries = [entry for entry in house.node.ledger.replay() if entry.mechanism == "gpp"]
    assert {entry.purpose for entry in entries} == SOLD
    assert {(entry.evidence, entry.act) for entry in entries} == {(OPTED_OUT, "choice")}
    house.restart()
    assert denied(house) == SOLD
    house.serve(signalling(order("u1"), gpp=gpp({7: section(STAYED)})))  # who does not opt out any more has not agreed
    assert denied(house) == SOLD


def test_who_did_not_opt_out_has_agreed_to_nothing(house: House) -> None:
    house.serve(signalling(order("u1"), gpp=gpp({6: "1YNN", 7: section(STAYED)})))

    assert (denied(house), granted(house), served(house) & SOLD) == (set(), set(), set())
    assert list(house.node.ledger.replay()) == []


@pytest.mark.parametrize(
    ("text", "kept_out"),
    [
        (OPTED_OUT + "AA", SOLD), (OPTED_OUT[:-4], SOLD), (gpp({2: TC}), OF_TCF), (gpp({2: TC, 7: "B"}), SOLD | OF_TCF),
        (OPTED_OUT[1:], SOLD | OF_TCF), ("", SOLD | OF_TCF), (7, SOLD | OF_TCF), (None, SOLD | OF_TCF),
    ],
)  # fmt: skip
def test_a_damaged_gpp_string_keeps_the_event_out_and_records_nothing(
    house: House, text: Any, kept_out: set[str]
) -> None:
    for purpose in ("ads_retarget", "measure_person"):
        house.consent("u1", purpose, granted=True)
    house.serve(signalling(order("u1"), gpp=text))

    assert served(house) & {"ads_retarget", "measure_person"} == {"ads_retarget", "measure_person"} - kept_out
    assert (denied(house), granted(house)) == (set(), {"ads_retarget", "measure_person"})


def test_an_unknown_section_ends_grants_and_objects_to_nothing(house: House) -> None:
    for purpose in ("ads_retarget", "measure_person"):
        house.consent("u1", purpose, granted=True)
    house.serve(signalling(order("u1"), gpp=gpp({8: "BAAAAAAA"})))

    assert (denied(house), granted(house)) == (set(), {"measure_person"})


def test_a_tc_string_in_a_gpp_string_grants_where_the_sender_may(house: House) -> None:
    house.take(signalling(order("a-1"), gpp=gpp({2: ALL_OF_TCF})))
    assert granted(house, "a-1", "anonymous_id") == OF_TCF

    house.take(signalling(order("u1"), gpp=gpp({2: ALL_OF_TCF})))  # a client that cannot speak for the user
    assert (granted(house), served(house) & OF_TCF) == (set(), set())
    house.take(signalling(order("a-1"), gpp=gpp({2: ALL_OF_TCF, 7: "BVQ"})))
    assert served(house, "a-1", "anonymous_id") & OF_TCF == OF_TCF - SOLD


def test_several_signals_permit_what_none_of_them_denies(house: House) -> None:
    said = signalling(order("a-1"), gpp=gpp({2: ALL_OF_TCF}), google=GRANTED | {"analytics_storage": "denied"})
    house.take(consenting(said, recommend=True) | {"context": {"consent": said["context"]["consent"]}})

    assert served(house, "a-1", "anonymous_id") & {*OF_TCF, *SOLD} == {
        "personalise_onsite", "model_training", "ads_measure", "ads_retarget", "lookalike",
    }  # fmt: skip


def test_gpp_by_a_server(house: House) -> None:
    for purpose in ("ads_retarget", "measure_person"):
        house.consent("u1", purpose, granted=True)
    asked = {"type": "user_id", "value": "u1", "gpp": gpp({2: TC, 6: "1YYN"})}

    told = house.post("/v1/consent/gpp", asked).told

    assert {one["purpose"]: one["granted"] for one in told["choices"]} == dict.fromkeys(SOLD, False)
    assert told["damaged"] == ["section 2: its policy is 2, and 4 is the least"]
    assert (denied(house), granted(house)) == (SOLD, {"measure_person"})
    answer = house.post("/v1/consent/gpp", asked | {"gpp": "DBABM"})
    assert (answer.status, answer.json["code"]) == (400, "consent.gpp-damaged")


def point(purpose: str) -> dict[str, Any]:
    """A decision point that browsers may ask."""
    policy = {"control": 0.0, "epsilon": 1e-9, "temperature": 1e-3, "do_nothing": 0.0}
    label = {"en": "Row", "de": "Zeile"}
    rest = {"candidates": "categories", "browser": True, "policy": policy}
    return {"id": purpose, "label": label, "purpose": purpose} | rest


@pytest.fixture
def deciding(house: House) -> House:
    """A browser that has permitted foreign advertising and recommendations, and points for both."""
    house.post("/v1/points", {"points": [point("ads_retarget"), point("recommend")]}).told  # noqa: B018
    house.take(*[consenting(order("a-1"), ads_retarget=True, recommend=True) for _ in range(5)])
    return house


def decided(
    house: House, purpose: str, *, gpc: str = "", key: str | None = None, who: str | dict[str, str] = "a-1"
) -> dict[str, Any]:
    """The record of a decision that a browser has asked for; `who` is its anonymous id, or identifiers."""
    person = {"anonymous_id": who} if isinstance(who, str) else who
    body = {"point": purpose, "person": person, "n": 1}
    headers = {"Sec-GPC": gpc} if gpc else {}
    told = house.post("/v1/decide", body, key=key or house.write_key, headers=headers).told
    return dict(house.get(f"/v1/decisions/{told['decision_id']}").told)


def test_a_decision_of_a_browser_with_privacy_control_uses_no_purpose_of_advertising(deciding: House) -> None:
    bits = deciding.node.purposes.gpc
    assert decided(deciding, "ads_retarget")["permitted"]

    record = decided(deciding, "ads_retarget", gpc="1")

    assert (record["permitted"], record["basis"], record["mask"] & bits) == (False, "denied", 0)
    assert denied(deciding, "a-1", "anonymous_id") == SOLD
    entries = [entry for entry in deciding.node.ledger.replay() if entry.mechanism == "gpc"]
    assert {(entry.purpose, entry.evidence, entry.actor) for entry in entries} == {
        (purpose, "Sec-GPC: 1", "client") for purpose in SOLD
    }
    assert not decided(deciding, "ads_retarget")["permitted"]  # it is on record
    deciding.restart()
    assert denied(deciding, "a-1", "anonymous_id") == SOLD


def test_other_purposes_are_decided_for_as_before(deciding: House) -> None:
    record = decided(deciding, "recommend", gpc="1")

    assert (record["permitted"], record["basis"]) == (True, "recorded consent")
    assert not record["mask"] & deciding.node.purposes.gpc


@pytest.mark.parametrize("value", ["0", "true", "2", "1 1"])
def test_only_one_is_the_signal_of_a_decision_too(deciding: House, value: str) -> None:
    assert decided(deciding, "ads_retarget", gpc=value)["permitted"]
    assert denied(deciding, "a-1", "anonymous_id") == set()


def test_many_decisions_at_once_record_it_once(deciding: House) -> None:
    async def ask() -> None:
        body = {"point": "ads_retarget", "person": {"anonymous_id": "a-1"}, "n": 1}
        answer = await deciding.ask("POST", "/v1/decide", body, key=deciding.write_key, headers=GPC)
        assert answer.status == 200
        assert denied(deciding, "a-1", "anonymous_id") == SOLD  # before the answer

    deciding.together(*[ask() for _ in range(8)])

    assert sum(entry.mechanism == "gpc" for entry in deciding.node.ledger.replay()) == len(SOLD)


def test_a_browser_that_nobody_knows_is_answered_and_nothing_is_recorded(deciding: House) -> None:
    record = decided(deciding, "ads_retarget", gpc="1", who="a-nobody")

    assert (record["permitted"], record["person"]) == (False, "")
    assert not [entry for entry in deciding.node.ledger.replay() if entry.mechanism == "gpc"]


def test_privacy_control_of_a_decision_reaches_whoever_is_known_behind_the_browser(deciding: House) -> None:
    deciding.serve(identify("u1", "a-1"))

    decided(deciding, "recommend", gpc="1")

    assert denied(deciding) == SOLD
    assert "Global Privacy Control" in visit(deciding, "u1").text("/me/choices")


def test_a_server_that_hands_the_header_on_is_heard_as_well(deciding: House) -> None:
    assert not decided(deciding, "ads_retarget", gpc="1", key=deciding.server_key)["permitted"]
    assert denied(deciding, "a-1", "anonymous_id") == SOLD


def test_a_version_in_shadow_obeys_it_too(house: House) -> None:
    house.take(*[consenting(order("a-1"), ads_retarget=True) for _ in range(5)])
    house.post("/v1/points", {"points": [point("ads_retarget")], "stage": "shadow"}).told  # noqa: B018

    record = decided(house, "ads_retarget", gpc="1")

    assert (record["permitted"], bool(record.get("shadow"))) == (False, True)
