"""Tell us: what a person says is an event like any other, and outranks what was inferred from then on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app.events import order
from tests.app.house import House
from tests.app.portal import Visitor, visit

CATEGORIES = ("TEA", "MILK", "BREAD", "JAM")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with House(tmp_path / "d") as house:
        for purpose in ("personalise_onsite", "recommend"):
            house.consent("ada", purpose, granted=True)
        house.take(*[order("ada", category=name) for name in ("TEA", "TEA", "TEA", "MILK")])
        house.take(*[order("bob", category=name) for name in CATEGORIES])
        yield house


def offered(house: House, user: str = "ada") -> set[str]:
    """Everything that may be offered now."""
    evidence = house.decide(user, n=5)["evidence"]
    return set(evidence["candidates"]) if evidence else set()


def offers(house: House) -> set[str]:
    """Everything that the point of offers may give ada now."""
    return set(house.decide("ada", "next_offer")["evidence"]["candidates"])


def said(house: House, user: str = "ada", purpose: str = "recommend") -> tuple[set[str], set[str], dict[str, str]]:
    person = house.node.public.number(house.person(user)) or 0
    view = house.node.gate.view(person, purpose=purpose, effective=2**63 - 1, at=house.clock.now + 1)
    told, term = view.declared(), house.node.world.term
    liked, disliked = ({term("category_2", code) for code in codes} for codes in (told.liked, told.disliked))
    return liked, disliked, told.attributes


def tell(visitor: Visitor, thing: str, word: str) -> None:
    visitor.press("/me/tell", thing=thing, word=word)


def test_not_interested_is_obeyed_by_the_next_decision_and_survives_a_restart(house: House) -> None:
    assert "TEA" in offered(house)

    tell(visit(house, "ada"), "TEA", "dislike")

    assert "TEA" not in offered(house)
    house.restart()
    assert "TEA" not in offered(house)
    assert "TEA" in offered(house, "bob") or offered(house, "bob") == set()
    assert house.verify().equal


def test_what_is_liked_outranks_what_was_bought(house: House) -> None:
    tell(visit(house, "ada"), "JAM", "like")

    records = [house.decide("ada", n=1) for _ in range(40)]
    chosen = [record["choices"][0]["action"] for record in records if not record["control"]]

    assert chosen.count("JAM") > 0.8 * len(chosen)  # the rest explores
    assert "You have told us that you like this: JAM" in visit(house, "ada").text("/me/why")


def test_it_stands_on_the_pages_when_the_answer_comes_and_can_be_taken_back(house: House) -> None:
    ada = visit(house, "ada", language="de")
    tell(ada, "BREAD", "dislike")

    assert "Sie interessieren sich nicht für: Bread." in ada.text()
    assert "Sie interessieren sich nicht für: Bread." in ada.text("/me/tell")

    tell(ada, "BREAD", "withdraw")

    assert "nicht für: Bread" not in ada.text("/me/tell")
    assert "BREAD" in offered(house)
    assert said(house) == (set(), set(), {})


def test_an_answer_is_kept_changed_and_taken_back(house: House) -> None:
    ada = visit(house, "ada")
    ada.press("/me/answer", question="size", value="M")
    ada.press("/me/answer", question="size", value="L")

    assert said(house)[2] == {"size": "L"}
    assert house.genome("ada", purpose="recommend")["taste.size.declared"] == "L"
    assert re.search(r'<option value="L" selected>', ada.get("/me/tell"))

    ada.press("/me/answer", question="size", value="")

    assert said(house)[2] == {}


def test_an_answer_is_obeyed_by_the_next_decision(house: House) -> None:
    sizes = {"shirt": ["M", "L"], "coat": ["S"]}
    shirt, coat = ({"id": name, "attributes": {"size": of}} for name, of in sizes.items())
    actions = [shirt, coat, {"id": "tea"}]
    house.post("/v1/actions", {"actions": actions}).told  # noqa: B018
    house.consent("ada", "price", granted=True)
    ada = visit(house, "ada")
    seen = [offers(house)]
    for value in ("M", "S", "XL", ""):
        ada.press("/me/answer", question="size", value=value)
        seen.append(offers(house))
    ada.press("/me/answer", question="size", value="M")
    house.restart()

    assert seen == [{"shirt", "coat", "tea"}, {"shirt", "tea"}, {"coat", "tea"}, {"tea"}, {"shirt", "coat", "tea"}]
    assert offers(house) == {"shirt", "tea"}
    assert house.decide("ada", "next_offer")["narrowed"] == ["answered"]
    assert "Offers that are meant for another answer than yours were left out." in visit(house, "ada").text("/me/why")


@pytest.mark.parametrize(
    ("attributes", "fix"), [({"sise": ["M"]}, "'size'"), ({"size": ["XXXL"]}, "'XL'"), ({"size": [""]}, "")]
)
def test_an_action_for_an_answer_that_nobody_can_give_is_refused_in_words(
    house: House, attributes: dict[str, list[str]], fix: str
) -> None:
    refused = house.post("/v1/actions", {"actions": [{"id": "shirt", "attributes": attributes}]})

    assert refused.status == 400
    assert fix in refused.json["fix"]


def test_it_is_an_event_on_the_timeline_with_its_purposes(house: House) -> None:
    tell(visit(house, "ada"), "TEA", "dislike")

    event = house.get(f"/v1/people/{house.person('ada')}/events").told["events"][0]

    assert (event["event"], event["properties"], event["source"], event["channel"]) == (
        "Preference Disliked", {"category_2": "TEA"}, "portal", "web",
    )  # fmt: skip
    assert {"personalise_onsite", "recommend"} <= set(event["purposes"])


def test_the_last_word_counts_also_within_one_millisecond(house: House) -> None:
    ada = visit(house, "ada")
    for word in ("like", "dislike", "like", "dislike"):
        tell(ada, "TEA", word)

    assert said(house)[:2] == (set(), {"TEA"})


def test_suggestions_are_what_was_seen_without_what_was_already_said(house: House) -> None:
    ada = visit(house, "ada")
    assert "Not interested in TEA" in ada.get("/me/tell")

    tell(ada, "TEA", "like")

    assert "Not interested in TEA" not in ada.get("/me/tell")


def test_a_purpose_that_is_allowed_later_hears_what_was_said_before(house: House) -> None:
    ada = visit(house, "ada")
    ada.turn("recommend", on=False)
    tell(ada, "TEA", "dislike")

    ada.turn("recommend", on=True)

    assert "TEA" not in offered(house)


def test_without_any_purpose_that_uses_it_there_is_nothing_to_tell_and_the_page_says_so(house: House) -> None:
    ada = visit(house, "ada")
    tell(ada, "TEA", "dislike")
    for purpose in ("personalise_onsite", "recommend"):
        ada.turn(purpose, on=False)

    assert "At present nothing would use it" in ada.text("/me/tell")
    assert "TEA" not in ada.text("/me/tell")
    assert house.browse("/me/tell", {"thing": "JAM", "word": "like"}, cookie=ada.cookie).status == 400


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/me/tell", {"thing": "", "word": "like"}),
        ("/me/tell", {"thing": "NO SUCH CATEGORY", "word": "like"}),
        ("/me/tell", {"thing": "other", "word": "like"}),
        ("/me/tell", {"thing": "TEA", "word": "adore"}),
        ("/me/tell", {"thing": "TEA"}),
        ("/me/answer", {"question": "size", "value": "XXXL"}),
        ("/me/answer", {"question": "income", "value": "high"}),
        ("/me/answer", {}),
    ],
)
def test_nonsense_changes_nothing_and_is_answered_in_words(house: House, path: str, fields: dict[str, str]) -> None:
    ada = visit(house, "ada")

    answer = house.browse(path, fields, cookie=ada.cookie)

    assert answer.status == 400
    assert "nothing was changed" in answer.body.decode()
    assert said(house) == (set(), set(), {})


def test_more_than_is_kept_forgets_what_was_taken_back_and_no_word_that_counts(house: House) -> None:
    names = [f"C{n}" for n in range(20)]
    house.take(*[order("bob", category=name) for name in names])
    ada = visit(house, "ada")
    tell(ada, "TEA", "dislike")
    for name in names:
        tell(ada, name, "like")
        tell(ada, name, "withdraw")

    assert said(house) == (set(), {"TEA"}, {})
    assert "TEA" not in offered(house)


def test_someone_known_by_a_card_or_a_mail_address_alone_can_tell_us_too(house: House) -> None:
    for kind, value in (("card", "c-77"), ("email", "eve@example.org")):
        for purpose in ("personalise_onsite", "recommend"):
            house.consent(value, purpose, granted=True, kind=kind)
    house.serve(order("c-77", category="TEA"))

    tell(visit(house, "c-77", kind="card"), "TEA", "dislike")

    person = house.post("/v1/people:lookup", {"type": "card", "value": "c-77"}).told["person"]
    assert house.get(f"/v1/people/{person}/events").told["events"][0]["event"] == "Preference Disliked"


def test_in_development_mode_it_counts_as_everything_else_does(house: House) -> None:
    house.take(order("dev", category="TEA"))

    tell(visit(house, "dev"), "TEA", "dislike")

    assert "TEA" not in offered(house, "dev")


def choices(visitor: Visitor) -> set[str]:
    """The categories that the page offers."""
    page = visitor.get("/me/tell")
    select = re.search(r'<select id="thing".*?</select>', page, re.DOTALL)
    return set(re.findall(r'<option value="([^"]+)"', select[0])) if select else set()


def test_only_categories_of_the_persons_own_shops_are_offered(house: House) -> None:
    key, _ = house.source("garden")
    garden = [order(user, category="ROSES") for user in ("eve", "ada")]
    house.consent("eve", "recommend", granted=True)
    house.take(garden[0], key=key)

    assert choices(visit(house, "ada")) == set(CATEGORIES)
    assert choices(visit(house, "eve")) == {"ROSES"}

    house.take(garden[1], key=key)
    assert choices(visit(house, "ada")) == {*CATEGORIES, "ROSES"}


def test_a_catalogue_of_some_shop_takes_nothing_from_the_list_and_adds_nothing_to_it(house: House) -> None:
    listed = [{"product_id": f"p-{name}", "category_1": "FOOD", "category_2": name} for name in ("TEA", "OIL")]
    house.post("/v1/products", {"products": listed}).told  # noqa: B018

    assert choices(visit(house, "ada")) == set(CATEGORIES)


def test_nobody_is_asked_about_health_sexual_life_or_belief(house: House) -> None:
    names = ("ADULT INCONTINENCE", "F-17", "KOSHER FOOD")
    house.take(*[order("ada", category=name) for name in names])
    called = {"F-17": {"en": "Family planning", "de": "Familienplanung"}}
    house.post("/v1/products", {"products": [], "names": called}).told  # noqa: B018
    house.clock.now += 60_000

    page = visit(house, "ada")

    assert choices(page) == set(CATEGORIES)
    assert "ncontinence" not in page.text("/me/tell"), "nor is it suggested"
