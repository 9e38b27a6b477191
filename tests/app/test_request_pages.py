"""The inbox of requests and the page of one, as a privacy agent uses them without scripts."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app.events import identify, order
from tests.app.house import DAY, START, Answer, House

EVERY = ("access", "portability", "rectification", "restriction", "objection", "erasure")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with House(tmp_path / "d") as house:
        for purpose in ("personalise_onsite", "recommend"):
            house.consent("ada", purpose, granted=True)
        house.serve(identify("ada", "a-phone", email="ada@example.org"))
        house.take(order("ada", 10, at=START - 5 * DAY), order("bob", 10))
        yield house


@pytest.fixture
def agent(house: House) -> str:
    return house.sign_in(subject="agent")


def file(house: House, agent: str, kind: str, value: str = "ada", **more: str) -> Answer:
    form = {"kind": kind, "type": "user_id", "value": value, "region": "eu", "proof": "", "note": ""} | more
    return house.browse("/requests", form, cookie=agent)


def filed(house: House, agent: str, kind: str, **more: str) -> str:
    answer = file(house, agent, kind, **more)
    assert answer.status == 303, answer.body
    return answer.headers["location"].partition("?")[0]


def text(answer: Answer) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.body.decode()))


def test_an_empty_inbox_says_what_will_stand_there(house: House, agent: str) -> None:
    assert "Nothing waits for an answer" in text(house.browse("/requests", cookie=agent))
    assert "No request fits" in text(house.browse("/requests?state=refused", cookie=agent))


def test_the_inbox_says_dates_in_words_too(house: House, agent: str) -> None:
    filed(house, agent, "access")
    said = []
    for days in (0, 25, 30, 31, 33):
        house.clock.now = START + days * DAY + 1
        agent = house.sign_in(subject="agent")
        page = house.browse("/requests", cookie=agent)
        said.append(re.search(r"(\d+ days? left|due today|overdue since today|\d+ days? overdue) ", text(page)))

    assert [one and one[1] for one in said] == [
        "30 days left", "5 days left", "due today", "overdue since today", "2 days overdue",
    ]  # fmt: skip
    assert "1 Anfrage ist überfällig" in text(house.browse("/requests", cookie=agent, language="de"))


def test_filters_show_kind_and_state(house: House, agent: str) -> None:
    for kind in EVERY:
        filed(house, agent, kind)

    every = house.browse("/requests", cookie=agent).body.decode()
    only = house.browse("/requests?kind=erasure", cookie=agent).body.decode()
    assert (every.count('<a href="/requests/r'), only.count('<a href="/requests/r')) == (6, 1)


def test_a_wrong_identifier_is_said_and_the_form_keeps_what_was_entered(house: House, agent: str) -> None:
    answer = file(house, agent, "erasure", "nobody", note="She wrote on Monday")

    assert answer.status == 404
    assert "Nobody has this identifier." in text(answer)
    assert b'value="She wrote on Monday"' in answer.body


@pytest.mark.parametrize("kind", EVERY)
@pytest.mark.parametrize("language", ["en", "de"])
def test_the_page_of_a_request_offers_what_fits(house: House, agent: str, kind: str, language: str) -> None:
    path = filed(house, agent, kind)
    page = house.browse(path, cookie=agent, language=language)

    assert page.status == 200
    offered = set(re.findall(r'name="act" value="(\w+)"', page.body.decode()))
    if b"/copy" in page.body:
        offered.add("copy")
    does = {"access": "copy", "portability": "copy", "erasure": "erase"}.get(kind, "do")
    proof = {"ask_proof"} if kind not in {"restriction", "objection"} else set()
    assert offered == {does, "extend", "refuse"} | proof


def test_the_copy_is_handed_out_once_somebody_has_proved_who_they_are(house: House, agent: str) -> None:
    path = filed(house, agent, "access")
    assert house.browse(f"{path}/copy", {"proof": ""}, cookie=agent).status == 400

    answer = house.browse(f"{path}/copy", {"proof": "document"}, cookie=agent)

    assert answer.headers["content-type"] == "application/zip"
    assert "data.json" in zipfile.ZipFile(io.BytesIO(answer.body)).namelist()
    page = text(house.browse(path, cookie=agent))
    assert "A document was shown" in page
    assert "Request carried out" in page


@pytest.mark.parametrize(("language", "vault"), [("en", "Names and addresses"), ("de", "Namen und Adressen")])
def test_an_erasure_says_which_stores_hold_something_before_it_is_done(
    house: House, agent: str, language: str, vault: str
) -> None:
    path, public = filed(house, agent, "erasure"), house.person("ada")
    house.serve(identify("ada", "a-ada", email="ada@mail.example"))

    shown = house.browse(path, cookie=agent, language=language)
    rows = dict(re.findall(r'<tr><td>([^<]+)</td><td class="num">([\d.,]+)</td></tr>', shown.body.decode()))

    assert rows[vault] == "1"
    assert len(rows) > 4
    assert "ada@mail.example" not in text(shown)
    house.browse(path, {"act": "erase", "proof": "document", "sure": "yes"}, cookie=agent)
    done = house.browse(path, cookie=agent, language=language)
    assert vault not in text(done)
    assert public not in text(done)


def test_an_erasure_needs_the_tick_and_leads_to_the_receipt(house: House, agent: str) -> None:
    path, public = filed(house, agent, "erasure"), house.person("ada")
    unsure = house.browse(path, {"act": "erase", "proof": "document"}, cookie=agent)
    assert (unsure.status, house.person("ada")) == (400, public)

    answer = house.browse(path, {"act": "erase", "proof": "document", "sure": "yes"}, cookie=agent)

    assert answer.status == 303
    page = house.browse(path, cookie=agent)
    receipt = re.search(r'href="(/me/erased\?receipt=\w+)"', page.body.decode())
    assert receipt
    assert public not in text(page)
    assert house.browse(receipt[1]).status == 200
    assert house.post("/v1/people:lookup", {"type": "user_id", "value": "ada"}).status == 404


def test_a_restriction_is_lifted_on_the_page_of_its_request(house: House, agent: str) -> None:
    path = filed(house, agent, "restriction")
    house.browse(path, {"act": "do"}, cookie=agent)
    assert house.orders("ada", purpose="personalise_onsite") != 1
    assert b'value="lift"' in house.browse(path, cookie=agent).body

    assert house.browse(path, {"act": "lift"}, cookie=agent).status == 303

    assert house.orders("ada", purpose="personalise_onsite") == 1
    assert b'value="lift"' not in house.browse(path, cookie=agent).body


def test_a_correction_chooses_an_answer_or_a_name(house: House, agent: str) -> None:
    path = filed(house, agent, "rectification")
    page = house.browse(path, cookie=agent).body.decode()
    answers = re.findall(r'<option value="(\w+=\w+)"', page)
    assert answers

    form = {"act": "do", "proof": "known", "field": answers[0], "value": ""}
    assert house.browse(path, form, cookie=agent).status == 303
    again = filed(house, agent, "rectification")
    form = {"act": "do", "proof": "known", "field": "email", "value": "new@example.org"}
    assert house.browse(again, form, cookie=agent).status == 303


def test_reasons_are_needed_and_shown(house: House, agent: str) -> None:
    path = filed(house, agent, "access")
    missing = house.browse(path, {"act": "refuse", "reason": " "}, cookie=agent, language="de")
    assert (missing.status, "Geben Sie eine Begründung" in text(missing)) == (400, True)

    house.browse(path, {"act": "extend", "reason": "Old <b>systems</b>."}, cookie=agent)
    house.browse(path, {"act": "refuse", "reason": "Nobody proved it."}, cookie=agent)

    page = house.browse(path, cookie=agent).body.decode()
    assert "Old &lt;b&gt;systems&lt;/b&gt;." in page
    assert "Nobody proved it." in page


def test_who_only_oversees_sees_the_inbox_and_changes_nothing(house: House, agent: str) -> None:
    path = filed(house, agent, "access")
    house.app.users.add("dora", "dpo", "correct horse battery", now=house.clock.now)
    dora = house.sign_in(subject="dora")

    page = house.browse(path, cookie=dora)
    assert page.status == 200
    assert b'method="post" action="/requests' not in page.body
    assert house.browse(path, {"act": "do", "proof": "known"}, cookie=dora).status == 403
    assert file(house, dora, "access").status == 403


def test_an_unknown_request_is_not_found(house: House, agent: str) -> None:
    assert house.browse("/requests/r0", cookie=agent).status == 404
