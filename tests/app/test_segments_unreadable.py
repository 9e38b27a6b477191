"""Segments that ask about what may not, or cannot, be read any more: who leaves, who is told, and how it is mended."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.app import destination_house
from tests.app.destination_house import MAIL, Recipient, counts, deliver, name_recipients
from tests.app.events import consenting, order
from tests.app.house import House
from tests.app.segment_house import BUYERS, body, changes, members, people, tend
from tests.app.test_roles_matrix import key_of
from tests.app.test_segment_pages import page, send
from tests.app.test_segments_live import ONE_GENE

ADS = MAIL | {
    "id": "ads", "recipient": "Ads Inc", "purposes": ["ads_retarget"], "segment": "far",
}  # fmt: skip
BOTH: dict[str, Any] = {"ads_retarget": True, "personalise_onsite": True}


def asked(days: float) -> dict[str, Any]:
    return {"event": "Order Completed", "days": days, "at_least": 1}


def readable_for(path: Path, days: int) -> None:
    """Let `ads_retarget` read so many days from the next start on."""
    file = path / "purposes.yaml"
    said = yaml.safe_load(file.read_text("utf-8"))
    said["purposes"]["ads_retarget"]["read_window_days"] = days
    file.write_text(yaml.safe_dump(said, allow_unicode=True), "utf-8")


def without_its_gene(house: House) -> None:
    (house.path / "genes.yaml").write_text(ONE_GENE, "utf-8")


def without_its_window(house: House) -> None:
    readable_for(house.path, 30)


def define(house: House, rule: dict[str, Any], name: str, **more: Any) -> None:
    house.post("/v1/segments", body(rule, name, **({"purpose": "ads_retarget"} | more))).told  # noqa: B018
    tend(house)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """Two who bought; `far` asks for more days than `near`, `asks` rests on `far`; `far` is sent to a recipient."""
    name_recipients(tmp_path / "d", ads_retarget=["Ads Inc"], personalise_onsite=["Ads Inc"])
    with House(tmp_path / "d", segment_floor=1) as house:
        define(house, asked(60), "far")
        define(house, asked(20), "near")
        define(house, {"segment": "far"}, "asks")
        destination_house.define(house, ADS)
        house.serve(*(consenting(order(user), **BOTH) for user in ("ada", "ben")))
        assert members(house, "far") == members(house, "asks") == people(house, "ada", "ben")
        yield house


def restart(house: House, change: Callable[[House], None] = without_its_window) -> None:
    change(house)
    house.restart()
    tend(house)


def test_who_belonged_leaves_and_hears_why_and_nothing_else_is_touched(house: House) -> None:
    last = house.get("/v1/segments/far/changes").told["after"]

    restart(house)

    told = house.get("/v1/segments").told
    assert [one["id"] for one in told["segments"]] == ["near"]
    assert "for 30 days, not for 60" in told["unreadable"]["far"]
    assert "'far', which cannot be kept up" in told["unreadable"]["asks"]
    assert house.get(f"/v1/segments/far/changes?after={last}").status == 200
    assert sorted(changes(house, "far")[-2:]) == sorted(
        ("left", person, "unreadable") for person in people(house, "ada", "ben")
    )
    assert members(house, "near") == people(house, "ada", "ben")
    listed = house.get(f"/v1/people/{house.person('ada')}/segments").told["segments"]
    assert [one["id"] for one in listed] == ["near"]
    house.serve(consenting(order("cleo"), **BOTH))
    assert members(house, "near") == people(house, "ada", "ben", "cleo")


def test_below_the_floor_nobody_is_told_who_left(tmp_path: Path) -> None:
    name_recipients(tmp_path / "d")
    with House(tmp_path / "d") as house:
        define(house, asked(60), "far")
        restart(house)

        refused = house.get("/v1/segments/far/changes")

        assert (refused.status, refused.json["code"]) == (400, "segments.unreadable")


def test_they_leave_once_however_often_the_node_starts(house: House) -> None:
    restart(house)
    told = changes(house, "far")

    house.restart()
    house.restart()

    assert changes(house, "far") == told


def test_its_definition_and_the_reason_stay_on_view(house: House) -> None:
    restart(house)

    shown = house.get("/v1/segments/far").told
    refused = house.get("/v1/segments/far/members?reason=x")

    assert shown["rule"] == asked(60)
    assert "for 30 days, not for 60" in shown["segment"]["unreadable"]
    assert (shown["segment"]["people"]["count"], shown["segment"]["building"]) == (None, False)
    assert [one["version"] for one in shown["versions"]] == [1]
    assert (refused.status, refused.json["code"]) == (400, "segments.unreadable")
    assert "for 30 days, not for 60" in refused.json["why"]
    assert house.get("/v1/segments/near").told["segment"]["unreadable"] == ""


@pytest.mark.parametrize("change", [without_its_window, without_its_gene])
def test_a_recipient_removes_its_people_and_is_told_why_nobody_comes(
    house: House, change: Callable[[House], None]
) -> None:
    rule = asked(60) if change is without_its_window else {"gene": "rhythm.orders.count.30d", "is": ">=", "value": 0.5}
    purpose = "ads_retarget" if change is without_its_window else "personalise_onsite"
    define(house, rule, "sent", purpose=purpose)
    destination_house.define(house, MAIL | {"recipient": "Ads Inc", "purposes": [purpose], "segment": "sent"})
    recipient = Recipient()
    deliver(house, recipient)
    assert counts(house) == {"member": 2}

    restart(house, change)
    while deliver(house, recipient):
        pass

    assert counts(house) == {"gone": 2}
    (told,) = [one for one in house.get("/v1/destinations").told["destinations"] if one["destination"]["id"] == "mail"]
    assert told["held_back"] == f"its segment cannot be kept up: {house.node.segments.unreadable['sent']}"
    changed = MAIL | {"recipient": "Ads Inc", "purposes": [purpose], "segment": "sent", "label": {"en": "M", "de": "M"}}
    destination_house.define(house, changed)  # it may be changed meanwhile

    define(house, asked(20), "sent", purpose=purpose)
    while deliver(house, recipient):
        pass
    assert counts(house)["member"] == 2


def test_a_rule_that_is_changed_counts_again_with_all_that_rest_on_it(house: House) -> None:
    restart(house)

    define(house, asked(30), "far")

    told = house.get("/v1/segments").told
    assert ([one["id"] for one in told["segments"]], told["unreadable"]) == (["asks", "far", "near"], {})
    assert members(house, "far") == members(house, "asks") == people(house, "ada", "ben")


def test_a_segment_without_its_gene_is_changed_too(house: House) -> None:
    define(house, {"gene": "rhythm.pages.count.7d", "is": "<", "value": 1}, "quiet", purpose="personalise_onsite")
    assert members(house, "quiet") == people(house, "ada", "ben")
    restart(house, without_its_gene)
    assert "quiet" in house.node.segments.unreadable

    define(house, BUYERS | {"value": 1}, "quiet", purpose="personalise_onsite")

    assert members(house, "quiet") == people(house, "ada", "ben")
    house.restart()
    assert members(house, "quiet") == people(house, "ada", "ben")


def test_a_window_that_is_widened_again_brings_everybody_back(house: House) -> None:
    restart(house)

    readable_for(house.path, 90)
    house.restart()
    tend(house)

    assert house.get("/v1/segments").told["unreadable"] == {}
    assert members(house, "far") == members(house, "asks") == people(house, "ada", "ben")


def test_a_key_of_other_purposes_neither_sees_nor_removes_it(house: House) -> None:
    restart(house)
    key = key_of(house, "marketer", purposes=["recommend"])

    assert house.get("/v1/segments", key=key).told == {"segments": [], "unreadable": {}}
    for method in ("GET", "DELETE"):
        assert house.run(house.ask(method, "/v1/segments/asks", key=key)).json["code"] == "key.no-purpose"


def test_the_console_names_it_and_leads_to_its_rule_which_says_where_the_fault_is(house: House) -> None:
    restart(house)

    listed = html.unescape(page(house, "/segments"))
    shown = html.unescape(page(house, "/segments/_builder?id=far"))
    moved = house.browse("/segments/far", cookie=house.sign_in())
    saved = send(house, shown, "save", days__0_0="30")

    assert "for 30 days, not for 60" in listed
    assert 'href="/segments/_builder?id=far"' in listed
    assert "30 days" in shown.split('id="fault-')[1]
    assert (moved.status, moved.headers["location"]) == (303, "/segments/_builder?id=far")
    assert saved.headers["location"] == "/segments/far?done=saved"
    assert house.get("/v1/segments").told["unreadable"] == {}


def test_the_console_says_why_it_is_not_removed(house: House) -> None:
    restart(house)

    refused = house.browse("/segments/far/remove", {}, cookie=house.sign_in())

    assert refused.status == 400
    assert "the destination ads" in refused.body.decode()


def test_a_purpose_that_is_no_more_leaves_a_segment_that_can_be_mended(house: House) -> None:
    def retired(house: House) -> None:
        file = house.path / "purposes.yaml"
        said = yaml.safe_load(file.read_text("utf-8"))
        bit = said["purposes"].pop("ads_retarget")["bit"]
        said["retired"] = [{"id": "ads_retarget", "bit": bit}]
        file.write_text(yaml.safe_dump(said, allow_unicode=True), "utf-8")

    restart(house, retired)

    told = house.get("/v1/segments").told
    assert (told["segments"], set(told["unreadable"])) == ([], {"asks", "far", "near"})
    assert house.get("/v1/segments/far").told["segment"]["purpose"] == "ads_retarget"
    assert "Change “far”" in html.unescape(page(house, "/segments/_builder?id=far"))
    define(house, BUYERS | {"value": 1}, "far", purpose="personalise_onsite")
    assert members(house, "far") == people(house, "ada", "ben")
