"""Google's Consent Mode v2: a state for each of seven kinds of storage and use, mapped to the purposes of the registry.

Source: Google, "Set up consent mode on websites" (gtag API reference, `consent`).
https://developers.google.com/tag-platform/security/guides/consent
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, Final

import msgspec

from genom.consent.purpose import GOOGLE
from genom.consent.purposes import Purposes
from genom.consent.signals.said import Said

__all__ = ["GRANTED", "google_said", "google_states"]

GRANTED: Final = ("granted", "GRANTED")  # as tags write it, and as server calls do
_STATES: Final = (*GRANTED, "denied", "DENIED")
_SHOWN: Final = 40  # characters of a state that are kept as evidence


def google_states(value: Any) -> dict[str, bool]:
    """Each known field of a signal and whether it is granted: only the word itself grants.

    What is no mapping at all says that nothing is granted; unknown fields say nothing.

    >>> google_states({"ad_storage": "granted", "ad_user_data": "yes", "wait_for_update": 500})
    {'ad_storage': True, 'ad_user_data': False}
    >>> any(google_states("G111").values())
    False
    """
    if not isinstance(value, Mapping):
        return dict.fromkeys(GOOGLE, False)
    return {field: value[field] in GRANTED for field in GOOGLE if field in value}


def google_said(value: Any, purposes: Purposes) -> Said:
    """What a signal says of each purpose: granted if every field that stands for it is, denied if one is not.

    "denied" is also what a page says before anybody has chosen, so it only ends a grant.

    >>> from genom.consent import load_purposes
    >>> google_said({"analytics_storage": "granted", "ad_storage": "denied"}, load_purposes()).choices
    {'measure_person': True, 'ads_measure': False, 'ads_retarget': False}
    """
    if isinstance(value, Mapping):
        known = tuple((field, value[field]) for field in GOOGLE if field in value)
        if all(state in _STATES for _, state in known):
            return _of_states(known, purposes)
    return _said(value, purposes)


@lru_cache(maxsize=1024)  # there are few states, and each event of a browser says the same
def _of_states(known: tuple[tuple[str, str], ...], purposes: Purposes) -> Said:
    return _said(dict(known), purposes)


def _said(value: Any, purposes: Purposes) -> Said:
    states, choices = google_states(value), dict[str, bool]()
    for purpose in purposes.every:
        said = [states.get(field) for field in purpose.google]
        if False in said:
            choices[purpose.name] = False
        elif said and None not in said:
            choices[purpose.name] = True
    ends = frozenset(purpose for purpose, granted in choices.items() if not granted)
    return Said(choices, ends=ends, damaged=tuple(_damaged(value)), evidence=_evidence(value))


def _damaged(value: Any) -> Iterator[str]:
    """Which fields have a state that is none."""
    if not isinstance(value, Mapping):
        yield "it is no object of fields"
        return
    for field in GOOGLE:
        if field in value and value[field] not in _STATES:
            yield f"{field} is {str(value[field])[:_SHOWN]!r}, which counts as denied"


def _evidence(value: Any) -> str:
    """The known fields as they came; the event keeps the rest."""
    if not isinstance(value, Mapping):
        return f"unusable: {str(value)[:_SHOWN]}"
    known = {field: str(value[field])[:_SHOWN] for field in GOOGLE if field in value}
    return msgspec.json.encode(known).decode()
