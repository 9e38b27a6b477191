"""The living shop's server by itself: bad input, foreign forms, and what its pages promise, without a browser."""

from __future__ import annotations

import json
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from genom_demo.catalogue import catalogue
from genom_demo.client import Client
from genom_demo.problems import DemoProblem
from genom_demo.shop import build_app
from genom_demo.shop.words import PURPOSES, speaker
from genom_demo.state import kept
from tests.demo.shop_client import ShopClient

NOWHERE = "http://127.0.0.1:9"  # the discard port: no node answers there
ADDRESS = "http://127.0.0.1:9121"
SHOP = Path(__file__).parents[2] / "src/genom_demo/shop"


@pytest.fixture
def state(tmp_path: Path) -> Path:
    keys = {"living-shop": {"name": "living-shop", "write_key": "wk_1", "secret": "aa" * 32}}
    (tmp_path / "keys.json").write_text(json.dumps(keys))
    return tmp_path


@pytest.fixture
def client(state: Path) -> ShopClient:
    app = build_app(url=NOWHERE, server_key="sk_1", state=state)
    return ShopClient(app, ADDRESS)


def test_every_product_has_a_picture_of_its_own_that_is_well_formed(client: ShopClient) -> None:
    pictures = {name: client.get(f"/shop/picture/{name}.svg").text for name in catalogue().products}

    assert len(set(pictures.values())) == 120
    for name, text in pictures.items():
        shapes = list(ET.fromstring(text).iter())
        assert len(shapes) >= 7, name  # a drawing, and not a coloured square
    assert all(client.get(f"/shop/still/{name}.svg").status_code == 200 for name in catalogue().departments)
    assert client.get("/shop/picture/nothing.svg").status_code == 404


def test_every_text_has_both_languages_and_each_one_is_used() -> None:
    sources = [path.read_text("utf-8") for path in [*SHOP.glob("templates/*.html"), *SHOP.glob("*.py")]]
    used = set(re.findall(r"""say\(["']([a-z_]+)["']""", "\n".join(sources)))
    written = set(re.findall(r"^([a-z_]+):", (SHOP / "words.yaml").read_text("utf-8"), re.MULTILINE))

    assert used == written
    places = re.compile(r"\{[a-z]+\}")
    for key in written:
        assert set(places.findall(speaker("en")(key))) == set(places.findall(speaker("de")(key))), key
        assert "!" not in speaker("de")(key)


def test_the_banner_says_what_the_nodes_purposes_say(client: ShopClient) -> None:
    node = (SHOP.parents[1] / "genom/consent/purposes.yaml").read_text("utf-8")

    assert len(PURPOSES) == 7
    for purpose in PURPOSES.values():
        assert all(purpose["text"][language] in node for language in ("en", "de"))


@pytest.mark.parametrize("cookie", [
    "cart=;choice=;login=;order=;voucher=;language=", "cart=x:y:z_:::;choice=%00;login=a.b;order=zz;voucher=::",
    "cart=mug-moss:99999999999999999999:;order=5b5d;language=xx;choice=price", "order=7b7d;voucher=hero_coffee:d1",
    "cart=" + "mug-moss:1:_" * 400,
])  # fmt: skip
def test_cookies_that_make_no_sense_do_no_harm(client: ShopClient, cookie: str) -> None:
    for path in ("/shop", "/shop/cart", "/shop/thanks", "/shop/login", "/shop/choices", "/shop/p/mug-moss"):
        assert client.get(path, headers={"cookie": cookie}).status_code == 200


@pytest.mark.parametrize(
    "path", ["/shop/cart", "/shop/cart/remove", "/shop/voucher", "/shop/language", "/shop/choices", "/shop/order"]
)
@pytest.mark.parametrize("body", [b"", b"\xff\xfe=%zz", b"a=" + b"x" * 100_000, b"&".join([b"a=1"] * 500)])
def test_forms_that_make_no_sense_change_nothing(client: ShopClient, path: str, body: bytes) -> None:
    answer = client.post(path, content=body)

    assert answer.status_code == 303
    assert not [c for c in answer.headers.get_list("set-cookie") if "Max-Age=0" not in c and 'cart=""' not in c]


def test_forms_of_other_sites_and_requests_to_other_names_are_refused(client: ShopClient) -> None:
    assert client.post("/shop/order", headers={"origin": "http://evil.example"}).status_code == 403
    assert client.post("/shop/order", headers={"sec-fetch-site": "cross-site"}).status_code == 403
    assert client.post("/shop/order", headers={"origin": "null"}).status_code == 403
    assert client.get("/shop", headers={"host": "rebound.example:9121"}).status_code == 403
    assert client.get("/shop", headers={"host": "localhost:9121"}).status_code == 200


def test_a_log_in_that_the_shop_did_not_seal_is_nobodys(client: ShopClient) -> None:
    client.post("/shop/login", data={"name": "Ada"})
    sealed = client.cookies["login"]
    assert ">Ada<" in client.get("/shop").text

    for forged in ("shop-eve." + sealed.rpartition(".")[2], "shop-ada.", "shop-ada", sealed + "0"):
        page = client.get("/shop", headers={"cookie": f"login={forged}"}).text
        assert ">Ada<" not in page
        assert ">Eve<" not in page
        assert '"user": null' in page


def test_whoever_is_logged_in_reads_the_number_by_which_the_console_finds_them(client: ShopClient) -> None:
    assert "shop-ada" not in client.get("/shop/login").text

    client.post("/shop/login", data={"name": "Ada"})

    assert "<code>shop-ada</code>" in client.get("/shop/login").text


def test_redirects_stay_inside_the_shop(client: ShopClient) -> None:
    for back in ("//evil.example/shop", "https://evil.example", "/shop\r\nx: y", "/shop/../admin", "\\\\evil"):
        answer = client.post("/shop/language", data={"language": "de", "back": back})
        assert answer.headers["location"] == "/shop"


def test_the_pace_is_written_where_the_driver_reads_it_and_nonsense_is_refused_in_words(
    client: ShopClient, state: Path
) -> None:
    assert client.post("/shop/control", data={"pace": "2,5"}).status_code == 303
    assert kept(state, "pace.json", None) == {"pace": 2.5}

    refused = client.post("/shop/control", data={"pace": "-1"})
    assert refused.status_code == 422
    assert 'role="alert"' in refused.text
    assert 'value="-1"' in refused.text
    assert client.post("/shop/control", data={"pace": "1e9"}).status_code == 422
    assert kept(state, "pace.json", None) == {"pace": 2.5}
    assert client.post("/shop/control", data={"pace": ""}).status_code == 303
    assert kept(state, "pace.json", None) == {}


def test_pages_carry_a_strict_policy_and_no_inline_script_or_style(client: ShopClient) -> None:
    for path in ("/shop", "/shop/p/mug-moss", "/shop/cart", "/shop/choices"):
        answer = client.get(path)
        policy = answer.headers["content-security-policy"]
        assert f"script-src 'self' {NOWHERE};" in policy
        assert f"connect-src 'self' {NOWHERE};" in policy
        assert "unsafe" not in policy
        assert not re.search(r"<script(?![^>]*(?: src=| type=\"application/json\"))", answer.text)
        assert not re.search(r"\sstyle=|\son[a-z]+=|<style", answer.text)
        assert answer.headers["cache-control"] == "no-store"


def test_a_name_cannot_break_out_of_the_page_or_its_data(client: ShopClient) -> None:
    answer = client.post("/shop/login", data={"name": "</script><script>alert(1)</script>"})

    assert answer.status_code == 303
    page = client.get("/shop").text
    assert "<script>alert" not in page
    assert ">Script Script Alert 1 Script<" in page


def test_what_we_know_is_an_answer_in_words_also_while_the_node_is_gone(client: ShopClient) -> None:
    nothing = client.post("/shop/about-you", data={"anonymous": "not-an-id"})
    assert (nothing.status_code, "We know nothing about you" in nothing.text) == (200, True)

    late = client.post("/shop/about-you", data={"anonymous": "a" * 32})
    assert (late.status_code, "That did not work" in late.text) == (503, True)


def test_a_browser_that_belongs_to_an_account_is_asked_to_log_in(
    client: ShopClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = {"code": "portal.log-in", "message": "m", "why": "w", "fix": "f"}
    monkeypatch.setattr(Client, "_once", lambda *_: (403, json.dumps(words).encode(), 0.0))

    answer = client.post("/shop/about-you", data={"anonymous": "a" * 32})

    assert (answer.status_code, "Please log in first" in answer.text) == (403, True)


def test_why_these_leads_to_the_reasons_and_what_we_know_to_the_first_page(
    client: ShopClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = json.dumps({"url": "/me/enter?token=t", "expires_seconds": 900}).encode()
    monkeypatch.setattr(Client, "_once", lambda *_: (200, link, 0.0))

    why = client.post("/shop/about-you", data={"anonymous": "a" * 32, "to": "why"})
    what = client.post("/shop/about-you", data={"anonymous": "a" * 32})
    else_where = client.post("/shop/about-you", data={"anonymous": "a" * 32, "to": "//evil"})

    assert why.headers["location"].endswith("/me/enter?token=t&to=why")
    assert {what.headers["location"], else_where.headers["location"]} == {f"{NOWHERE}/me/enter?token=t"}


def test_without_the_keys_of_its_source_the_shop_says_so(tmp_path: Path) -> None:
    with pytest.raises(DemoProblem, match="There are no keys of the shop"):
        build_app(url=NOWHERE, server_key="sk_1", state=tmp_path)
