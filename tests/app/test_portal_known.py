"""What we know and why: in sentences, without what is withheld, and by no word that only we understand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app.events import identify, order, track, view
from tests.app.house import DAY, HOUR, START, House
from tests.app.portal import PATHS, plain, visit

PURPOSES = ("personalise_onsite", "recommend", "price")
OURS = r"\b(gen|gens|gene|genen|genes|genom|genome|genoms|genomes|kernel|histogram|recency|own-purchases\S*)\b"
CODES = r"\b[a-z]+_[a-z_]+\b|\b\w+\.\w+\.(count|sum|last|first|ring)\b"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with House(tmp_path / "d") as house:
        for purpose in PURPOSES:
            house.consent("ada", purpose, granted=True)
        saved = order("ada", 20, at=START - DAY, category="GREEN TEA", discount=3.5)
        house.take(
            identify("ada", "a-phone", email="ada@lovelace.example", name="Ada Lovelace"),
            order("ada", 10, at=START - 5 * DAY, category="GREEN TEA"),
            saved,
            view("ada", "OOLONG"),
            track("Campaign Received", "ada", campaign_id="spring"),
        )
        yield house


def decide_personally(house: House) -> None:
    """Decide until something personal, and not chance, spoke for what is shown."""
    while True:
        record = house.decide("ada", n=1)
        reasons = record["choices"][0]["reasons"]
        if not record["control"] and any(reason["gene"] and reason["contribution"] > 0 for reason in reasons):
            return


def test_what_we_know_stands_there_in_sentences_by_family(house: House) -> None:
    told = visit(house, "ada").text()

    for sentence in (
        "You buy most often: Green tea (100%).",
        "The last thing you looked at: Oolong.",
        "We have noted 2 purchases of yours.",
        "On average 4 days pass between two purchases.",
        "In all you have spent €30.00 with us.",
        "Discounts have saved you €3.50.",
        "We have sent you 1 message.",
        "Your last purchase was 24 hours ago.",
    ):
        assert sentence in told


def test_the_same_in_german_with_german_numbers(house: House) -> None:
    told = visit(house, "ada", language="de").text()

    for sentence in (
        "Am häufigsten kaufen Sie: Green tea (100\N{NO-BREAK SPACE}%).".replace("\N{NO-BREAK SPACE}", " "),
        "Wir haben 2 Einkäufe von Ihnen vermerkt.",
        "Insgesamt haben Sie bei uns 30,00 € ausgegeben.",
        "Durch Rabatte haben Sie 3,50 € gespart.",
    ):
        assert sentence in told.replace("\N{NO-BREAK SPACE}", " ")
    assert not re.search(r"\d\.\d\d\b", re.sub(r"\d\d\.\d\d\.\d{4}", "", told))


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("path", [*PATHS, "/me/left", "/me/nowhere"])
def test_no_page_says_a_word_that_only_we_understand(house: House, path: str, language: str) -> None:
    house.decide("ada")
    ada = visit(house, "ada", language=language)
    ada.press("/me/tell", thing="OOLONG", word="like")

    page = house.browse(path, cookie=ada.cookie, language=language).body.decode()

    shown = re.sub(r'(href|src|action|name|value|id|class|for|aria-labelledby)="[^"]*"', "", page)
    assert re.findall(OURS, shown, re.IGNORECASE) == []
    assert re.findall(CODES, shown) == []
    assert "!" not in shown.replace("<!doctype", "").replace("<!--", "")


def test_identifiers_are_masked(house: House) -> None:
    page = visit(house, "ada").get()

    assert "a•••@lovelace.example" in page
    for whole in ("ada@lovelace.example", "Ada Lovelace", "a-phone"):
        assert whole not in page


def test_a_family_without_permission_says_why_and_its_values_are_nowhere_on_the_page(house: House) -> None:
    ada = visit(house, "ada")
    assert "3.50" in ada.text()

    ada.turn("price", on=False)

    page = ada.get()
    assert "you have not allowed this purpose: personal prices" in page
    assert "3.50" not in page
    assert "In all you have spent €30.00" in page


def test_with_nothing_permitted_everything_is_withheld_and_nothing_of_it_on_the_page(house: House) -> None:
    ada = visit(house, "ada")
    for purpose in (*PURPOSES, "measure_person"):
        ada.turn(purpose, on=False)

    page = ada.get()

    assert page.count("Withheld: you have not allowed this purpose") == 9
    for value in ("Green tea", "30.00", "Oolong", "GREEN"):
        assert value not in page
    assert "At present we use it for nothing that needs your consent" in page


def test_a_person_of_whom_nothing_is_known_gets_pages_that_say_so(house: House) -> None:
    house.consent("new", "email", granted=True)
    new = visit(house, "new")

    assert "We know nothing about you yet" in new.text()
    assert "Nothing has been decided for you yet" in new.text("/me/why")
    assert "You chose this on" in new.text("/me/choices")
    assert "At present nothing would use it" in new.text("/me/tell")


def test_why_names_what_was_shown_and_the_reasons_in_sentences(house: House) -> None:
    decide_personally(house)
    told = visit(house, "ada").text("/me/why")

    assert re.search(r"Shown: (Green tea|Oolong)", told)
    assert re.search(r"You often buy in this category: Green tea|You looked at something like this: Oolong", told)


def test_chance_is_said_plainly(house: House) -> None:
    while not house.decide("ada", n=1)["control"]:
        pass

    told = visit(house, "ada").text("/me/why")

    assert "Pure chance" in told
    assert "Nothing about you played a part" in told


def test_chance_among_what_was_not_rejected_does_not_say_that_nothing_played_a_part(house: House) -> None:
    ada = visit(house, "ada")
    ada.press("/me/tell", thing="OOLONG", word="dislike")
    while not house.decide("ada", n=1)["control"]:
        pass

    told = ada.text("/me/why")

    assert "Pure chance" in told
    assert "What you have told us you are not interested in was left out before." in told
    assert "Nothing about you played a part" not in told
    assert "Nothing personal was used" not in told

    ada.turn("recommend", on=False)

    told = ada.text("/me/why")
    assert "not interested in was left out" not in told
    assert "Nothing about you played a part" not in told
    assert "withheld" in told


def test_chance_among_mailed_offers_says_so(house: House) -> None:
    actions = [
        {"id": name, "point": "next_offer", "campaign": name, "label": {"en": name, "de": name}}
        for name in ("spring", "autumn")
    ]
    house.post("/v1/actions", {"actions": actions}).told  # noqa: B018
    while not house.decide("ada", "next_offer", n=1)["control"]:
        pass

    told = visit(house, "ada").text("/me/why")

    assert "The choice was among the offers that we have sent to you." in told
    assert "Nothing about you played a part" not in told


def test_a_decision_without_permission_says_that_nothing_personal_was_used(house: House) -> None:
    ada = visit(house, "ada")
    ada.turn("recommend", on=False)
    house.decide("ada")

    assert "Nothing personal was used, because you have not allowed this purpose: product recommendations" in ada.text(
        "/me/why"
    )


def test_what_was_known_and_spoke_against_what_is_shown_is_not_said_to_be_unused(house: House) -> None:
    house.take(order("bo", category="COFFEE"))
    house.consent("bo", "recommend", granted=True)
    while (choice := (record := house.decide("ada", n=1))["choices"][0])["action"] != "COFFEE" or record["control"]:
        pass

    told = visit(house, "ada").text("/me/why")
    german = visit(house, "ada", language="de").text("/me/why")

    assert not any(reason["gene"] and reason["contribution"] > 0 for reason in choice["reasons"])
    assert "taken into account, but it did not speak for this" in told.partition("Shown:")[2][:300]
    assert "wurde berücksichtigt, sprach aber nicht dafür" in german
    assert "Nothing personal was used" not in told


def test_nothing_offered_after_a_look_at_what_is_known_says_that_it_was_looked_at(house: House) -> None:
    while True:
        record = house.decide("ada", n=1)
        if not record["control"] and record["choices"][0]["action"] == "do_nothing":
            break

    told = visit(house, "ada").text("/me/why")

    assert "no offer seemed to fit better than none" in told
    assert "Nothing personal was used" not in told


def test_who_is_new_reads_that_nothing_personal_was_used(house: House) -> None:
    house.consent("new", "recommend", granted=True)
    while house.decide("new", n=1)["control"]:
        pass

    assert "Nothing personal was used." in visit(house, "new").text("/me/why")


def test_reasons_that_rest_on_what_is_withheld_now_are_no_longer_told(house: House) -> None:
    decide_personally(house)
    ada = visit(house, "ada")
    assert re.search(r"You often buy|You bought something|You looked at something", ada.text("/me/why"))

    ada.turn("recommend", on=False)

    told = ada.text("/me/why")
    assert not re.search(r"You often buy|You bought something|You looked at something", told)
    assert re.search(r"further reasons? (is|are) withheld", told)


def test_what_the_person_told_is_withheld_with_the_purpose(house: House) -> None:
    ada = visit(house, "ada")
    ada.press("/me/tell", thing="OOLONG", word="like")
    while True:
        record = house.decide("ada", n=1)
        if not record["control"] and record["choices"][0]["action"] == "OOLONG":
            break
    path = f"/decisions/log/{record['decision_id']}"

    def console() -> str:
        return plain(house.browse(path, cookie=house.sign_in(), language="en").body.decode())

    assert "You have told us that you like this: Oolong" in ada.text("/me/why")
    assert "The person told us" in console()

    ada.turn("recommend", on=False)

    assert "You have told us" not in ada.text("/me/why")
    assert re.search(r"further reasons? (is|are) withheld", ada.text("/me/why"))
    assert "The person told us" not in console()


def test_the_same_decision_again_is_told_once_with_how_often(house: House) -> None:
    ada = visit(house, "ada")
    ada.turn("recommend", on=False)
    for _ in range(3):
        house.clock.now += HOUR
        house.decide("ada")

    assert "3 times, most recently then" in ada.text("/me/why")


def test_strangers_words_take_no_effect(house: House) -> None:
    house.take(order("ada", category="<script>alert(1)</script>"), view("ada", "<b onmouseover=x>&amp;"))

    for path in PATHS:
        page = visit(house, "ada").get(path)
        assert "<script" not in page
        assert "<b onmouseover" not in page


def test_every_page_of_an_invented_person_says_so_and_no_page_of_a_real_one(house: House) -> None:
    key, _ = house.source("living-shop", consent="required")
    house.take(order("sim"), key=key)

    for path in PATHS:
        assert "the shop that this comes from is invented" in visit(house, "sim").text(path)
        assert "the shop that this comes from is invented" not in visit(house, "ada").text(path)
