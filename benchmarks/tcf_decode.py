"""How much processor time does it take to understand a TC string, strict checks and our purposes included?

A short string, one with bits for 1,000 vendors in each field, and one with 52 ranges and restrictions; nothing else
runs in the process.  The strings are made up; none is kept between two rounds.
"""

from __future__ import annotations

import argparse
import time
from typing import Any

import runner
from runner import Reach

REACH = (Reach("worst_us", "<=", 15, "µs"),)
OPTIONS: dict[str, float | int | str] = {"seconds": 2.0, "strings": 1_000}
STRINGS = {
    "short": "CO5rKAAO5rKAAAbABAENAwEgAMAAAAAAAAYgAGABQAAAAA.IAPQAgABQAFAB4A",
    "bits": (
        "CO5rKAAO5rKAAAbABAENAwEgAP_gAMPgAAYgH0KE5JjBZ8owQXR-xfCOQwZLP06yUrw8h3bZsrUomjRFuzhc499k9nBckEeILj2s"
        "NVJtvA2daFgCjWgmZUNg29nXMgedO9ejiXZQO2QR1lTGYXV2dyfgYGOgRiS-QK9I_CCQSiy8zDFx_0KajpFBlEycOJp4NN_KnTeR"
        "S5rQ4A-hML6q5AZgMKGLRx-qjyR05tMpx38iNMO3xFyIKxddL3UpodtQXx7aCrCd8VRxJE7MsDxPQ4EU1MfYSdvNSNaZZISUR6ss"
        "RC99W7eJLZcdAy58F9mvYHExoyHz17WYGWPFOMsZtCkrzBXrJ3oJnh-sYePlOhtTKn6R40E-7WoAAA.IH0NfgCQLHfr_yBoZzRyF"
        "M3SBVkw1urxT0cz8-fRv7x6LqILLxTJQuBTGay1x0Jz-Y4ndMvYetXJCpWHQD5DDsZqeHledh0XcxrxBQa_Lvxvh3GG12sH6IHtF"
        "iri6xVH8VBSQ0ubXfnndpsQ9CBbSQenDDEBLwN7ZM5CKMOPspA"
    ),
    "ranges": (
        "CO5rKAAO5rKAAAbABAENAwEgAP_gAAAAAAYgImQKIABAAhAB0AJoAcACXAFMAVYA3ADjAIkAmYBSAFjAL8AxIBtAHJAPUA-YCIAI"
        "_ASsBOICjAKPAWEBY4C-AMbAZcBqYDZAN5Ac0B14D0APnAgMCFoEPARbAjkCS4EqATFAm8CcYFFAUZAqUCrYFgAWfAtsC3YF7AXv"
        "AxEDGoGWAZ9A0cDVYGxAbXA30DiYHMAdGA7OB5wHuQPpA_SCAgIEwQfBDIAAAAgSAHAAIAKAAeQBkASwNADgAEAFAAPIAyAJYIgB"
        "wACACgAHkAZAEsHQA4ABABQADyAMgCWA.IImQAYAAgiYA.fAAAAAAAATA"
    ),
}


def cost(text: str, strings: int, seconds: float) -> float:
    """The least processor time of one round over copies of a string, in µs each: other loads only add to it."""
    from genom.consent import load_purposes  # noqa: PLC0415 - the parent does not load the node's code
    from genom.consent.signals import tc_said  # noqa: PLC0415

    purposes = load_purposes()
    tc_said(text, purposes)  # a string that is not valid ends the run here
    best, end = float("inf"), time.perf_counter() + seconds
    while time.perf_counter() < end:
        began = time.thread_time()
        for _ in range(strings):
            tc_said(text, purposes)
        best = min(best, time.thread_time() - began)
    return round(best / strings * 1e6, 2)


def measure(asked: argparse.Namespace) -> dict[str, Any]:
    """Each string by itself."""
    each = {name: cost(text, asked.strings, asked.seconds) for name, text in STRINGS.items()}
    return {"us": each, "worst_us": max(each.values()), "characters": {name: len(of) for name, of in STRINGS.items()}}


if __name__ == "__main__":
    runner.main("tcf_decode", measure, REACH, OPTIONS)
