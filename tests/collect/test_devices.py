"""Of a device only its kind is known, and it is known wherever its sender says so."""

from __future__ import annotations

import pytest

from genom.collect.devices import device_of
from genom.collect.wire import Context, DeviceSaid
from genom.words import Device

AGENTS = {
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/130.0.0.0 Safari/537.36": Device.DESKTOP,
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.0 Safari/605.1.15": Device.DESKTOP,
    "Mozilla/5.0 (X11; Linux x86_64; rv:131.0) Gecko/20100101 Firefox/131.0": Device.DESKTOP,
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile/15E148 Safari/604.1": Device.PHONE,
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 Chrome/130.0.0.0 Mobile Safari/537.36": Device.PHONE,
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 Chrome/130.0.0.0 Safari/537.36": Device.TABLET,
    "Mozilla/5.0 (iPad; CPU OS 12_5 like Mac OS X) Version/12.1.2 Mobile/15E148 Safari/604.1": Device.TABLET,
    "Mozilla/5.0 (SMART-TV; Linux; Tizen 7.0) AppleWebKit/537.36 TV Safari/537.36": Device.TV,
    "Mozilla/5.0 (Linux; Android 9; AFTKA Build/PS7233) AppleWebKit/537.36": Device.TV,
    "Mozilla/5.0 (PlayStation; PlayStation 5/2.26) AppleWebKit/605.1.15": Device.CONSOLE,
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; Xbox; Xbox One) Edge/44.18363.8131": Device.CONSOLE,
    "Mozilla/5.0 (Linux; Android 11; Watch) AppleWebKit/537.36 Mobile": Device.WATCH,
    "Mozilla/5.0 (Linux; Android 6.0.1) Mobile (compatible; Googlebot/2.1)": Device.UNKNOWN,
    "python-requests/2.32": Device.UNKNOWN,
    "": Device.UNKNOWN,
}


@pytest.mark.parametrize(("agent", "device"), AGENTS.items(), ids=lambda one: str(one)[:40])
def test_a_browser_is_known_by_what_it_calls_itself(agent: str, device: Device) -> None:
    assert device_of(Context(userAgent=agent)) == device


@pytest.mark.parametrize(
    ("said", "device"),
    [
        ("desktop", Device.DESKTOP),
        (" Mobile ", Device.PHONE),
        ("ios", Device.PHONE),
        ("iPad", Device.TABLET),
        ("TV", Device.TV),
        ("wearable", Device.WATCH),
        ("des\u212atop", Device.UNKNOWN),  # the sign of a Kelvin is no k
        ("phone" + " " * 40, Device.UNKNOWN),
        (7, Device.UNKNOWN),
        (None, Device.UNKNOWN),
    ],
)
def test_a_sender_says_the_kind_in_the_usual_words(said: object, device: Device) -> None:
    assert device_of(Context(device=DeviceSaid(said))) == device


def test_what_the_sender_says_counts_more_than_the_browser() -> None:
    assert device_of(Context(device=DeviceSaid("tablet"), userAgent="Mozilla/5.0 (Macintosh)")) == Device.TABLET


def test_an_unknown_kind_leaves_it_to_the_browser() -> None:
    assert device_of(Context(device=DeviceSaid("toaster"), userAgent="Mozilla/5.0 (Macintosh)")) == Device.DESKTOP


@pytest.mark.parametrize("odd", [None, "phone", 3, ["phone"]])
def test_a_device_that_is_no_object_says_nothing(odd: object) -> None:
    assert device_of(Context(device=odd)) == Device.UNKNOWN  # type: ignore[arg-type]  # as careless clients send it
