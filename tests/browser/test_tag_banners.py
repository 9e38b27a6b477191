"""The browser tag listens to banners: IAB's `__tcfapi`, Google's Consent Mode, and browsers that object."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from genom.consent.signals import TcString, Vendors
from tests.browser.tag_site import EMPTY, STORED, Site, arrived, names, serve_site, told
from tests.consent.tc_strings import encode
from tests.node import Node

BANNER = """
  window.listeners = [];
  window.said = {
    eventStatus: "cmpuishown", gdprApplies: true, tcString: "", purpose: { consents: {} }, publisher: { consents: {} },
  };
  window.banner = (command, version, listener) => {
    if (command !== "addEventListener" || version !== 2) throw new Error("another call than the one of TCF");
    listeners.push(listener);
    listener(said, true);
  };
  window.answer = (more) => { said = { ...said, ...more }; listeners.forEach((listener) => listener(said, true)); };
"""  # a banner of the tests' own, as TCF describes one
STATES = ["ad_storage", "ad_user_data", "ad_personalization", "analytics_storage", "personalization_storage"]
DENIED = dict.fromkeys(STATES, "denied")
GTAG = """
  window.dataLayer = window.dataLayer || [];
  window.gtag = function () { dataLayer.push(arguments); };
"""


@pytest.fixture(scope="module")
def site(node: Node) -> Iterator[Site]:
    with serve_site(node, "tag-banners") as site:
        yield site


def said(*permitted: int, own: tuple[int, ...] | None = None, status: str = "useractioncomplete") -> dict[str, Any]:
    """What a banner tells when somebody has permitted these purposes of TCF; `own`: of the shop's own segment."""
    day = int(time.time() // 86_400) * 864_000  # tenths of a second
    nobody = Vendors(0, None, 0)
    mask = sum(1 << number - 1 for number in permitted)
    publisher = None if own is None else (sum(1 << number - 1 for number in own), 0, 0, 0, 0)
    text = encode(
        TcString(
            day, day, 27, 1, 0, 4 << 6 | 13, 48, 4, 0, 0, mask, 0, 0, 3 << 6 | 4, nobody, nobody, (),
            Vendors(30, ((2, 2),), 0), publisher,
        )
    )  # fmt: skip
    return {
        "tcString": text, "eventStatus": status, "gdprApplies": True,
        "purpose": {"consents": {str(number): number in permitted for number in range(1, 12)}},
        "publisher": {"consents": {str(number): True for number in own or ()}},
    }  # fmt: skip


def listening(page: Page, site: Site, *, banner: bool = True) -> None:
    """A page whose tag listens to the banner."""
    page.add_init_script(BANNER + ("window.__tcfapi = banner;" if banner else ""))
    page.goto(site.url)
    page.evaluate("() => genom.tcf()")


def answer(page: Page, told: dict[str, Any]) -> str | None:
    """The banner tells something; returns the anonymous id that the tag has then."""
    anonymous: str | None = page.evaluate("(told) => { answer(told); return genom.anonymousId(); }", told)
    return anonymous


def served(events: list[dict[str, Any]]) -> list[list[str]]:
    """What each event serves beyond what needs no consent."""
    return [
        [one for one in event["purposes"] if one not in {"service", "security", "measure_aggregate"}]
        for event in events
    ]


# ---- TCF


def test_a_tc_string_permits_what_it_says_once_somebody_has_answered(site: Site, node: Node, page: Page) -> None:
    listening(page, site)
    assert page.evaluate(STORED) == EMPTY

    agreed = said(1, 5, 6, 8, 9)
    answer(page, agreed)

    events = told(node, page, holding="page")
    assert served(events) == [["measure_person", "personalise_onsite"]] * 2
    assert {event["context"]["consent"]["gpp"] for event in events} == {f"DBABMA~{agreed['tcString']}"}


@pytest.mark.parametrize(
    "told",
    [
        said(), said(1), said(8, 9), said(1, 8, 9, own=()), said(1, 8, 9, own=(8, 9)),
        said(1, 8, 9, status="cmpuishown"), said(1, 8, 9) | {"gdprApplies": False}, said(1, 8, 9) | {"tcString": ""},
    ],
    ids=["nothing", "storage-alone", "no-storage", "own-nothing", "own-no-storage", "asking", "no-gdpr", "no-string"],
)  # fmt: skip
def test_without_an_answer_that_permits_storage_and_a_use_nothing_is_stored_or_sent(
    site: Site, page: Page, context: BrowserContext, told: dict[str, Any]
) -> None:
    listening(page, site)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))

    assert answer(page, told) is None

    page.evaluate("() => { genom.page(); genom.track('X'); return genom.flush(); }")
    assert page.evaluate(STORED) == EMPTY
    assert context.cookies() == []
    assert asked == []


def test_the_shops_own_segment_of_a_tc_string_counts_before_the_rest(site: Site, node: Node, page: Page) -> None:
    listening(page, site)

    answer(page, said(own=(1, 8, 9)))

    assert served(told(node, page, holding="page")) == [["measure_person"]] * 2


def test_a_banner_that_appears_later_is_waited_for(site: Site, node: Node, page: Page) -> None:
    listening(page, site, banner=False)

    page.evaluate("(told) => { said = told; window.__tcfapi = banner; }", said(1, 8, 9, status="tcloaded"))
    page.wait_for_function("() => genom.anonymousId() !== null")

    assert served(told(node, page, holding="page")) == [["measure_person"]] * 2


def test_who_comes_back_keeps_the_id_and_says_nothing_anew(site: Site, node: Node, page: Page) -> None:
    listening(page, site)
    first = answer(page, said(1, 8, 9))
    told(node, page, holding="page")

    page.goto(f"{site.url}/again")
    page.evaluate("() => genom.tcf()")
    again = answer(page, said(1, 8, 9, status="tcloaded"))
    page.evaluate("() => genom.track('Last')")

    assert again == first
    assert sorted(names(told(node, page, holding="Last"))) == ["Consent Preference Updated", "Last", "page", "page"]


def test_a_withdrawal_in_the_banner_reaches_the_node_and_empties_the_device(site: Site, node: Node, page: Page) -> None:
    listening(page, site)
    anonymous = answer(page, said(1, 5, 6, 8, 9))
    told(node, page, holding="page")

    assert answer(page, said()) is None

    assert page.evaluate(STORED) == EMPTY
    assert served(arrived(node, anonymous, at_least=3))[-1] == []
    assert answer(page, said(1, 8, 9)) not in {anonymous, None}


def test_what_one_voice_denies_no_other_permits(site: Site, page: Page) -> None:
    listening(page, site)
    answer(page, said(1, 8, 9))

    page.evaluate("() => genom.consent({ measure_person: false })")

    assert page.evaluate("() => genom.anonymousId()") is None
    assert answer(page, said(1, 8, 9)) is None
    assert page.evaluate(STORED) == EMPTY


# ---- Consent Mode


def moded(page: Page, site: Site, before: str = "") -> None:
    """A page of Consent Mode that has denied all by default, with a tag that reads along."""
    page.add_init_script(f"{GTAG} gtag('consent', 'default', {DENIED}); {before}")
    page.goto(site.url)
    page.evaluate("() => genom.consentMode()")


def update(page: Page, *states: dict[str, str]) -> str | None:
    """The page's banner updates the states; returns the anonymous id that the tag has then."""
    anonymous: str | None = page.evaluate(
        """(states) => new Promise((resolve) => {
          for (const one of states) gtag("consent", "update", one);
          setTimeout(() => resolve(genom.anonymousId()), 1);
        })""",
        list(states),
    )
    return anonymous


def granted(*fields: str) -> dict[str, str]:
    return dict.fromkeys(fields, "granted")


def test_an_update_that_grants_is_handed_on_with_each_event(site: Site, node: Node, page: Page) -> None:
    moded(page, site)
    assert page.evaluate(STORED) == EMPTY

    update(page, granted("analytics_storage"))

    events = told(node, page, holding="page")
    assert served(events) == [["measure_person"]] * 2
    assert {str(event["context"]["consent"]) for event in events} == {
        str({"google": DENIED | granted("analytics_storage")})
    }


def test_an_update_from_before_the_tag_counts(site: Site, node: Node, page: Page) -> None:
    moded(page, site, "gtag('consent', 'update', { analytics_storage: 'granted', wait_for_update: 500 });")
    page.wait_for_function("() => genom.anonymousId() !== null")

    assert served(told(node, page, holding="page")) == [["measure_person"]] * 2


@pytest.mark.parametrize(
    "command",
    [
        "gtag('consent', 'default', { analytics_storage: 'granted', ad_storage: 'granted' })",
        "gtag('consent', 'default', { analytics_storage: 'granted', region: ['US'] })",
        "gtag('consent', 'update', { ad_user_data: 'granted', functionality_storage: 'granted' })",
        "gtag('consent', 'update', { analytics_storage: 'yes' })",
        "gtag('consent', 'update')",
        "(gtag('event', 'purchase'), dataLayer.push({ event: 'gtm.js' }, null, () => 0, 'consent', 7))",
    ],
)
def test_what_is_no_answer_or_permits_no_storage_stores_and_sends_nothing(site: Site, page: Page, command: str) -> None:
    moded(page, site)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))

    page.evaluate(f"() => new Promise((done) => {{ {command}; setTimeout(done, 1); }})")

    assert page.evaluate("() => { genom.track('X'); return genom.anonymousId(); }") is None
    assert page.evaluate(STORED) == EMPTY
    assert asked == []


def test_updates_that_come_together_count_together(site: Site, page: Page) -> None:
    moded(page, site)
    first = update(page, granted("analytics_storage"))
    page.goto(f"{site.url}/again")
    page.evaluate("() => genom.consentMode()")

    again = update(page, {"ad_storage": "denied"}, granted("analytics_storage"))

    assert again == first is not None


def test_an_update_that_denies_all_again_reaches_the_node_and_empties_the_device(
    site: Site, node: Node, page: Page
) -> None:
    moded(page, site)
    anonymous = update(page, granted("analytics_storage"))
    told(node, page, holding="page")

    assert update(page, {"analytics_storage": "denied"}) is None

    assert page.evaluate(STORED) == EMPTY
    assert served(arrived(node, anonymous, at_least=3))[-1] == []


def test_the_pages_own_commands_still_reach_its_layer(site: Site, page: Page) -> None:
    moded(page, site)

    length = page.evaluate("() => dataLayer.push({ event: 'a' }, { event: 'b' })")

    assert page.evaluate("() => dataLayer.slice(-2)") == [{"event": "a"}, {"event": "b"}]
    assert page.evaluate("() => dataLayer.length") == length


def test_a_banner_without_a_layer_hands_the_states_over_itself(site: Site, node: Node, page: Page) -> None:
    page.goto(site.url)

    page.evaluate("() => genom.consentMode({ analytics_storage: 'granted', ad_storage: 'denied' })")

    assert served(told(node, page, holding="page")) == [["measure_person"]] * 2
    page.evaluate("() => genom.consentMode({ analytics_storage: 'denied' })")
    assert page.evaluate(STORED) == EMPTY


# ---- browsers that object


def test_a_browser_that_objects_denies_advertising_whatever_the_banner_says(
    browser: Browser, site: Site, node: Node
) -> None:
    context = browser.new_context()
    context.add_init_script("Object.defineProperty(navigator, 'globalPrivacyControl', { value: true })")
    page = context.new_page()
    moded(page, site)

    update(page, granted(*STATES))

    (states,) = {str(event["context"]["consent"]["google"]) for event in told(node, page, holding="page")}
    assert states == str({name: "denied" if name.startswith("ad_") else "granted" for name in STATES})
    context.close()


def test_a_browser_that_objects_is_not_followed_for_advertising_alone(browser: Browser, site: Site) -> None:
    context = browser.new_context()
    context.add_init_script("Object.defineProperty(navigator, 'globalPrivacyControl', { value: true })")
    page = context.new_page()
    moded(page, site)

    assert update(page, granted("ad_storage", "ad_user_data", "ad_personalization")) is None

    assert page.evaluate(STORED) == EMPTY
    context.close()
