"""The segments' pages on a whole node: list, detail and the builder, as a browser without scripts uses them."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import pytest

from genom.app import audit
from tests.app.destination_house import MAIL, name_recipients
from tests.app.destination_house import define as define_destinations
from tests.app.events import consenting, identify, order, view
from tests.app.house import DAY, Answer, House
from tests.app.segment_house import BUYERS, ORDERS, PURPOSE, define, pass_time, permitted

BUILDER = "/segments/_builder"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with House(tmp_path / "data", segment_floor=1) as opened:
        yield opened


@pytest.fixture
def shy(tmp_path: Path) -> Iterator[House]:
    """A node with the floor that it has by default."""
    with House(tmp_path / "data") as opened:
        yield opened


class Read(HTMLParser):
    """The successful fields of the builder's form, as a browser would send them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.fields: list[tuple[str, str]] = []
        self.buttons: list[str] = []
        self._select, self._form, self._area = "", False, ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self._form = self._form or (tag == "form" and given.get("id") == "builder")
        if not self._form:
            return
        if tag == "input":
            self.fields.append((given["name"], given.get("value", "")))
        elif tag == "textarea":
            self.fields.append((given["name"], ""))
        elif tag == "select":
            self._select = given["name"]
        elif tag == "option" and "selected" in given:
            self.fields.append((self._select, given["value"]))
        elif tag == "button" and given.get("name") == "act":
            self.buttons.append(given["value"])

    def handle_endtag(self, tag: str) -> None:
        self._form = self._form and tag != "form"


def page(house: House, path: str, language: str = "en") -> str:
    answer = house.browse(path, cookie=house.sign_in(), language=language)
    assert answer.status == 200, answer.body[:800]
    return answer.body.decode()


def builder(rule: dict[str, Any] | None = None, **more: str) -> str:
    told = {"purpose": PURPOSE} | more | ({"rule": json.dumps(rule)} if rule else {})
    return f"{BUILDER}?{urlencode(told)}"


def send(house: House, shown: str, act: str, language: str = "en", **typed: str) -> Answer:
    """Press a button of a page's form after typing into some fields (`val__0_1` is `val:0.1`)."""
    fields = Read(shown).fields
    for name, value in typed.items():
        kind, _, place = name.partition("__")
        key = f"{kind}:{place.replace('_', '.')}" if place else kind
        fields = [(known, value if known == key else text) for known, text in fields]
        if key not in dict(fields):
            fields.append((key, value))
    body = urlencode([*fields, ("act", act)]).encode()
    headers = {"host": "127.0.0.1:8765", "cookie": f"genom_language={language}; {house.sign_in()}",
               "content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "same-origin"}  # fmt: skip
    return house.post(BUILDER, body, key="", headers=headers)


def press(house: House, shown: str, act: str, language: str = "en", **typed: str) -> tuple[str, str]:
    """The address that a button leads to, and the page there."""
    answer = send(house, shown, act, language, **typed)
    assert answer.status == 303, answer.body[:800]
    return answer.headers["location"], page(house, answer.headers["location"], language)


def rule_of(address: str) -> Any:
    return json.loads(parse_qs(urlsplit(address).query)["rule"][0])


def count(shown: str) -> str:
    return re.search(r'<span class="figure"[^>]*>([^<]+)</span>', shown)[1]  # type: ignore[index]


def alone(shown: str) -> list[str]:
    return re.findall(r'<p class="alone"[^>]*>([^<]*?) <small', shown)


def sentence(shown: str) -> str:
    return html.unescape(re.search(r'<p class="sentence">([^<]+)</p>', shown)[1])  # type: ignore[index]


def shop(house: House, people: int = 12) -> None:
    """u0 … : u(i) has ordered i % 4 times, two days apart, and looked at tea if i is even."""
    for i in range(people):
        house.serve(permitted(view(f"u{i}", "TEA" if i % 2 == 0 else "JAM")))
        house.serve(*(permitted(order(f"u{i}")) for _ in range(i % 4)))


def test_without_segments_the_list_says_why_and_offers_one_action(house: House) -> None:
    shown = page(house, "/segments")

    assert 'aria-current="page">' in shown.split('href="/segments"')[1][:40]
    assert "There are no segments yet" in shown
    main = shown.split("<main")[1]
    assert re.findall(r'class="button primary" href="([^"]+)"', main) == [BUILDER]


def test_the_list_shows_size_purpose_users_and_nothing_below_the_floor(shy: House) -> None:
    shop(shy, 180)
    define(shy, {"gene": ORDERS, "is": ">=", "value": 1})
    define(shy, {"all": [{"segment": "buyers"}, {"gene": ORDERS, "is": ">=", "value": 3}]}, "best")

    shown = page(shy, "/segments")
    rows = dict(re.findall(r'data-segment="(\w+)">(.*?)</tr>', shown, re.DOTALL))

    told = shy.get("/v1/segments/buyers").told["segment"]["people"]["count"]
    assert told % 10 == 0
    assert f'<td class="num">{told}</td>' in rows["buyers"]
    assert '<td class="num">&lt; 75</td>' in rows["best"]
    assert '<a href="/segments/best">best</a>' in rows["buyers"]
    assert "personalisation in shop and app" in rows["best"]
    assert "45" not in re.sub(r"<[^>]+>", "", rows["best"])


def test_the_builder_opens_with_four_conditions_in_two_groups(house: House) -> None:
    shop(house)

    shown = page(house, BUILDER)

    assert len(re.findall(r'name="field:', shown)) == 4
    assert len(re.findall(r"<fieldset", shown)) == 2
    assert len(alone(shown)) == 4


def test_buttons_work_without_scripts_and_the_address_holds_the_tree(house: House) -> None:
    shop(house)
    shown = page(house, BUILDER)

    _, shown = press(house, shown, "group:0.2")
    _, shown = press(house, shown, "condition:0.2.2")
    _, shown = press(house, shown, "group:0.2.2")
    address, shown = press(house, shown, "remove:0.0", match__0_2_2="none")

    rule = rule_of(address)
    assert list(rule["all"][1]["any"][2]["not"]) == ["any"]
    assert len(rule["all"][1]["any"][2]["not"]["any"]) == 3  # three groups deep, and one within
    assert Read(page(house, address)).fields == Read(shown).fields


def test_a_restart_between_two_clicks_loses_nothing(house: House) -> None:
    shop(house)
    _, shown = press(house, page(house, BUILDER), "condition:0", label_en="Half done")

    house.restart()
    address, again = press(house, shown, "condition:0")

    assert len(rule_of(address)["all"]) == 5
    assert 'value="Half done"' in again


def test_counts_are_those_of_hand_counting(house: House) -> None:
    shop(house)
    rule = {
        "all": [
            {"gene": ORDERS, "is": ">=", "value": 1},
            {"not": {"any": [{"gene": ORDERS, "is": ">=", "value": 3}, {"event": "Product Viewed", "days": 9,
             "at_least": 1, "where": {"category": "TEA"}}]}},
        ]
    }  # fmt: skip
    hand = [i for i in range(12) if i % 4 >= 1 and not (i % 4 >= 3 or i % 2 == 0)]

    shown = page(house, builder(rule))

    assert count(shown) == str(len(hand))
    assert alone(shown) == ["9", "3", "6"]


def test_the_sentence_follows_the_tree_in_both_languages(house: House) -> None:
    shop(house)
    rule = {"any": [BUYERS, {"event": "Order Completed", "days": 3, "at_least": 1}]}

    assert sentence(page(house, builder(rule))) == (
        "Orders, ever is at least 2 or Order Completed at least once in the last 3 days"
    )
    german = page(house, builder(rule), "de")
    assert sentence(german) == (
        "Bestellungen, insgesamt ist mindestens 2 oder Einkauf abgeschlossen mindestens einmal in den letzten 3 Tagen"
    )
    _, shown = press(house, german, "count", "de", match__0="all")
    assert " und Einkauf" in sentence(shown)


def test_and_and_or_are_not_offered_for_a_single_condition(house: House) -> None:
    shown = page(house, builder({"all": [BUYERS]}))
    assert re.findall(r'<option value="(any|not_all)"', shown) == []
    assert "is not true" in shown

    _, shown = press(house, shown, "condition:0")

    assert re.findall(r'<option value="(all|any|none|not_all)"', shown) == ["all", "any", "none", "not_all"]


@pytest.mark.parametrize(("typed", "language", "told"), [("2,0", "de", 2), ("2.0", "en", 2), (" 1 000 ", "de", 1000)])
def test_numbers_are_typed_as_the_reader_writes_them(house: House, typed: str, language: str, told: float) -> None:
    address, _ = press(house, page(house, builder(BUYERS), language), "count", language, val__0_0=typed)

    assert rule_of(address)["all"][0]["value"] == told


def test_a_bad_number_is_told_at_its_field_with_the_last_good_count(house: House) -> None:
    shop(house)
    shown = page(house, builder({"all": [BUYERS, BUYERS]}))
    assert count(shown) == "6"

    address, wrong = press(house, shown, "count", val__0_1="many")

    assert "Enter a number." in wrong.split('id="fault-0.1"')[1][:300]
    assert 'id="fault-0.0"></div>' in wrong
    assert 'class="card size stale"' in wrong
    assert count(wrong) == "6"
    assert 'value="many"' in wrong
    _, german = press(house, page(house, address, "de"), "count", "de")
    assert "Geben Sie eine Zahl ein." in german
    _, good = press(house, wrong, "count", val__0_1="3")
    assert "stale" not in good
    assert count(good) == "3"


def test_every_kind_of_condition_can_be_made_by_its_controls(house: House) -> None:
    shop(house)
    define(house, BUYERS)
    shown = page(house, builder(BUYERS))
    made = []

    for family, field in (
        ("taste", "cell:taste.category.histogram.365d"),
        ("taste", "top:taste.category.histogram.365d"),
        ("attribute", "attribute:size"),
        ("event", "event:Order Completed"),
        ("segment", "segment:buyers"),
        ("channels", "gene:channels.last.last"),
    ):
        _, shown = press(house, shown, "count", family__0_0=family)
        address, shown = press(house, shown, "count", field__0_0=field)
        assert 'role="alert"' not in shown, field
        made.append(rule_of(address)["all"][0])

    assert made[0]["cell"]
    assert made[1]["top"] is True
    assert made[2] == {"attribute": "size", "is": "=", "value": "XS"}
    assert made[3] == {"event": "Order Completed", "days": 30, "at_least": 1}
    assert made[4] == {"segment": "buyers"}
    assert isinstance(made[5]["value"], str)


def test_operators_are_those_of_the_fields_type(house: House) -> None:
    def offered(rule: dict[str, Any]) -> list[str]:
        select = page(house, builder(rule)).split('id="op-0.0"')[1].split("</select>")[0]
        return [html.unescape(op) for op in re.findall(r'value="([^"]+)"', select)]

    assert offered(BUYERS) == [">=", ">", "<=", "<", "between", "known", "not known", "="]
    assert offered({"attribute": "size", "is": "=", "value": "M"}) == ["=", "in", "known", "not known"]
    assert offered({"event": "Order Completed", "days": 3, "at_least": 1}) == ["at_least", "at_most"]


def with_address(user: str) -> dict[str, Any]:
    """Somebody with an e-mail address, who permits mail."""
    said = identify(user, f"{user}-browser", email=f"{user}@example.org")
    return consenting(said, **{PURPOSE: True, "email": True})


def test_reach_is_never_more_than_the_segment(house: House) -> None:
    house.serve(*(permitted(order(user)) for user in ("ada", "ben") for _ in range(2)), with_address("ada"))

    shown = page(house, builder(BUYERS))

    assert count(shown) == "2"
    assert "<dt>by e-mail</dt><dd>1</dd>" in shown
    assert "<dt>by text message</dt><dd>&lt; 1</dd>" in shown


def test_whom_nothing_reaches_is_told_apart_from_whom_who_does_not_permit_it(house: House) -> None:
    mail = {PURPOSE: True, "email": True}
    house.serve(*(consenting(order(user), **mail) for user in ("ada", "ben") for _ in range(2)), with_address("ada"))
    define(house, BUYERS)

    shown = page(house, "/segments/buyers")

    assert "<dt>by e-mail</dt><dd>1</dd>" in shown
    assert "One more person permits it, but an e-mail address is not known of them." in shown


def test_a_withdrawn_consent_lowers_reach_at_the_next_load(house: House) -> None:
    buyers = (permitted(order(user)) for user in ("ada", "ben") for _ in range(2))
    house.serve(*buyers, with_address("ada"), with_address("ben"))
    define(house, BUYERS)
    assert "<dt>by e-mail</dt><dd>2</dd>" in page(house, "/segments/buyers")

    house.consent("ada", "email", granted=False)
    assert "<dt>by e-mail</dt><dd>1</dd>" in page(house, "/segments/buyers")
    house.consent("ada", PURPOSE, granted=False)
    shown = page(house, "/segments/buyers")

    assert count(shown) == "1"
    assert house.person("ada") not in page(house, "/segments/_people?id=buyers")


def test_the_list_says_by_which_channels_people_can_be_reached(house: House) -> None:
    house.serve(*(permitted(order(user)) for user in ("ada", "ben") for _ in range(2)), with_address("ada"))
    define(house, BUYERS)

    shown = page(house, "/segments")

    assert '<span class="way">e-mail 1</span>' in shown
    assert '<span class="way">website or app 1</span>' in shown


def test_a_destination_uses_its_segment_and_keeps_it(tmp_path: Path) -> None:
    name_recipients(tmp_path / "data", email=["Mailer Ltd"])
    with House(tmp_path / "data", segment_floor=1) as house:
        define(house, BUYERS)
        define_destinations(house, MAIL)

        shown, answer = page(house, "/segments/buyers"), house.run(house.ask("DELETE", "/v1/segments/buyers"))

        assert "Destination: Newsletter" in shown
        assert "Newsletter" in page(house, "/segments")
        assert answer.status == 400
        assert "the destination mail needs it" in answer.json["why"]


def test_an_erased_address_reaches_nobody(house: House) -> None:
    house.serve(*(permitted(order(user)) for user in ("ada", "ben") for _ in range(2)), with_address("ada"))
    define(house, BUYERS)
    assert "<dt>by e-mail</dt><dd>1</dd>" in page(house, "/segments/buyers")

    house.post("/v1/people:erase", {"type": "user_id", "value": "ada", "reason": "asked"}).told  # noqa: B018
    house.run(house.app.erasing.finish())

    assert "<dt>by e-mail</dt><dd>&lt; 1</dd>" in page(house, "/segments/buyers")


def test_growth_is_drawn_in_the_list(house: House) -> None:
    shop(house)
    define(house, BUYERS)
    for _ in range(3):
        house.serve(*(permitted(order("u1")) for _ in range(2)))
        pass_time(house, 2 * DAY)

    path = re.search(r'class="sparkline".*?<path d="([^"]+)"', page(house, "/segments"))

    assert path is not None
    assert path[1].count("L") >= 2
    assert path[1].startswith("M0.0 24.0")  # six people at first, and seven since


def test_twenty_people_all_satisfy_the_rule_and_are_masked(house: House) -> None:
    shop(house, 120)

    shown = page(house, f"/segments/_people?rule={quote(json.dumps(BUYERS))}")

    people = re.findall(r'<li><a href="/people/(\w+)">', shown)
    good = {house.person(f"u{i}") for i in range(120) if i % 4 >= 2}
    assert len(people) == len(set(people)) == 20
    assert set(people) <= good
    assert "u118" not in shown


def test_of_few_people_nobody_is_shown(shy: House) -> None:
    shop(shy, 40)
    define(shy, BUYERS)

    for path in (f"/segments/_people?rule={quote(json.dumps(BUYERS))}", "/segments/_people?id=buyers"):
        assert 'href="/people/' not in page(shy, path)
    shown = page(shy, "/segments/buyers")
    assert "&lt; 75" in shown
    assert 'href="/people/' not in shown
    assert "20" not in re.sub(r"<[^>]+>", "", shown.split('id="size-title"')[1].split("</section>")[0])


def test_a_segment_is_saved_with_both_labels_its_author_and_a_page(house: House) -> None:
    shop(house)
    shown = page(house, builder(BUYERS))

    refused = send(house, shown, "save", label_en="Regular buyers")
    saved = send(house, shown, "save", label_en="Regular buyers", label_de="Stammkunden", description="For May")

    assert refused.status == 400
    assert "Enter a name." in refused.body.decode()
    assert 'value="Regular buyers"' in refused.body.decode()
    assert (saved.status, saved.headers["location"]) == (303, "/segments/regular_buyers?done=saved")
    german = page(house, "/segments/regular_buyers?done=saved", "de")
    assert "<h1>Stammkunden</h1>" in german
    assert "Version 1 ist gespeichert." in german
    assert "For May" in german
    assert house.get("/v1/segments/regular_buyers").told["rule"] == {"all": [BUYERS | {"value": 2.0}]}
    row = audit.rows(house.node.catalogue, limit=1)[0]
    assert (row.action, row.who, row.name) == ("segment.defined", "console:admin", "regular_buyers")


def test_two_segments_of_one_name_get_two_ids(house: House) -> None:
    for _ in range(2):
        send(house, page(house, builder(BUYERS)), "save", label_en="Ünique!", label_de="Einzig")

    assert [one["id"] for one in house.get("/v1/segments").told["segments"]] == ["nique", "nique_2"]


def test_a_segment_is_changed_into_a_new_version(house: House) -> None:
    shop(house)
    define(house, BUYERS, label={"en": "Buyers", "de": "Kunden"})

    shown = page(house, f"{BUILDER}?id=buyers")
    saved = send(house, shown, "save", val__0_0="3")

    assert "Change “Buyers”" in html.unescape(shown)
    assert saved.headers["location"] == "/segments/buyers?done=saved"
    detail = page(house, "/segments/buyers")
    assert "Orders, ever is at least 3" in detail
    versions = detail.split('id="versions-title"')[1]
    assert re.findall(r'<tr><td class="num">(\d)</td><td>([^<]+)</td>', versions) == [
        ("2", "console:admin"), ("1", "first")
    ]  # fmt: skip


def test_a_segment_cannot_ask_about_itself_in_the_builder(house: House) -> None:
    define(house, BUYERS)
    define(house, {"segment": "buyers"}, "others")

    shown = page(house, f"{BUILDER}?id=others")
    circle = page(house, builder({"segment": "others"}, id="buyers"))

    assert 'value="segment:others"' not in shown
    assert 'value="segment:buyers"' in shown
    assert "This rule cannot be used as it is." in circle
    assert send(house, circle, "save").status == 400


def test_the_page_of_a_segment_tells_who_came_and_went_and_its_growth(house: House) -> None:
    shop(house)
    lately = {"event": "Order Completed", "days": 3, "at_least": 2}
    define(house, {"any": [lately, {"gene": ORDERS, "is": ">=", "value": 3}]})
    house.serve(permitted(order("u1")))
    pass_time(house, DAY * 4)

    shown = page(house, "/segments/buyers")

    came = shown.split('id="came-title"')[1].split("</section>")[0]
    u1 = house.person("u1")
    assert re.findall(rf'href="/people/{u1}">[^<]+</a></th><td>(\w+)</td><td>([^<]+)<', came) == [
        ("left", "time passed"), ("entered", "an event")
    ]  # fmt: skip
    points = json.loads(shown.split('id="points">')[1].split("</script>")[0])
    told = house.get("/v1/segments/buyers").told["hourly"]
    assert [people for _, people in points] == [point["people"]["count"] for point in told]
    assert shown.split("The count over time as a table")[1].split("</table>")[0].count("<tr>") == len(told) + 1


def test_a_segment_is_removed_after_a_question_that_names_the_consequence(house: House) -> None:
    shop(house)
    define(house, BUYERS)
    cookie = house.sign_in()

    asked = page(house, "/segments/buyers?ask=delete")
    removed = house.browse("/segments/buyers/remove", {}, cookie=cookie)

    assert "open" in re.search(r'<dialog id="delete"[^>]*>', asked)[0]  # type: ignore[index]
    assert "6 people belong to it." in asked
    assert (removed.status, removed.headers["location"]) == (303, "/segments?removed=1")
    assert house.get("/v1/segments/buyers").status == 404
    assert house.browse("/segments/buyers", cookie=cookie).status == 404


def test_a_segment_in_use_is_not_removed_and_its_users_are_named(house: House) -> None:
    define(house, BUYERS)
    define(house, {"segment": "buyers"}, "others", label={"en": "The others", "de": "Die anderen"})

    asked = page(house, "/segments/buyers?ask=delete", "de")
    refused = house.browse("/segments/buyers/remove", {}, cookie=house.sign_in(), language="de")

    assert 'action="/segments/buyers/remove"' not in asked
    assert refused.status == 400
    assert "Es wird gebraucht von: Die anderen." in refused.body.decode()
    assert house.get("/v1/segments/buyers").status == 200


@pytest.mark.parametrize(
    "query",
    [
        "rule=[[[", "rule=" + "[" * 9000, "purpose=nothing", "id=nothing", "rule=%00", "rule=1", "rule={}",
        "rule=" + quote(json.dumps({"all": [{"gene": "x" * 300, "is": "><", "value": {"a": 1}}]})),
        "rule=" + quote(json.dumps({"gene": ORDERS, "is": ">=", "value": float("1e300")})),
        "rule=" + quote(json.dumps({"event": "Order Completed", "days": {"a": 1}, "at_least": []})),
        "good=" + "9" * 100, "label_en=<b>x", "rule=" + quote('{"gene":"a","is":">=","value":NaN}'),
    ],
)  # fmt: skip
def test_an_address_that_means_nothing_is_told_in_words(house: House, query: str) -> None:
    answer = house.browse(f"{BUILDER}?{query}", cookie=house.sign_in())

    assert answer.status in {200, 400, 404}
    assert b"<b>x" not in answer.body
    assert b"<h1>" in answer.body


def test_a_rule_of_a_hundred_conditions_is_built_and_counted(house: House) -> None:
    shop(house)
    rule = {"any": [{"gene": ORDERS, "is": ">=", "value": n + 1} for n in range(99)]}

    address, shown = press(house, page(house, builder(rule)), "condition:0")

    assert len(rule_of(address)["any"]) == 100
    assert len(alone(shown)) == 100
    _, more = press(house, shown, "condition:0")
    assert "A rule has at most 100 conditions" in more


def test_a_gene_that_needs_a_second_purpose_says_so(house: House) -> None:
    shown = page(house, builder({"gene": "price.discounted_lines.count.lifetime", "is": ">=", "value": 1}), "de")

    assert "Zählt nur Personen, die auch Folgendes erlauben:" in shown


def test_the_sentence_says_values_as_the_select_offers_them(house: House) -> None:
    """By the catalogue's names, and by a new one as soon as there is one."""
    house.post("/v1/products", {"products": [], "names": {"TEA": {"en": "Tea", "de": "Tee"}}}).told  # noqa: B018
    mix, taste = "channels.mix.histogram.365d", "taste.category.histogram.365d"
    rule = {"all": [{"gene": mix, "top": True, "is": "=", "value": "web"},
                    {"gene": taste, "cell": "TEA", "is": ">=", "value": 1}]}  # fmt: skip

    german = page(house, builder(rule), "de")

    assert "am stärksten ist Website" in german
    assert "Gekaufte Kategorien, letzte Jahre: Tee ist mindestens 1" in german
    house.post("/v1/products", {"products": [], "names": {"TEA": {"en": "Tea", "de": "Tees"}}}).told  # noqa: B018
    assert "letzte Jahre: Tees ist mindestens 1" in page(house, builder(rule), "de")
