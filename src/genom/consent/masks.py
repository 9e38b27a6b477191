"""What one event may serve: computed once at collection and frozen with the event."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from genom.consent.choices import Choice, effective
from genom.consent.law import Law
from genom.consent.purposes import Purposes

__all__ = ["event_mask"]


def event_mask(
    choice: Choice, *, purposes: Purposes, event_consent: Mapping[str, bool] | None, development: bool,
    law: Law | None = None,
) -> tuple[int, int]:  # fmt: skip
    """The purposes that an event serves for good, and those that are only assumed; the two share no bit.

    The event's own consent adds what no record denies and removes what it refuses; names of purposes that
    do not exist are ignored, and only `True` grants. Nothing is assumed for a purpose with a recorded choice,
    nor for an event that brings consent information, be it empty. A grant that ran out comes back by neither:
    what a browser repeats may be as old as the grant.  `law` is the person's; None: the strictest.

    >>> from genom.consent import NO_CHOICE, load_purposes
    >>> purposes = load_purposes()
    >>> mask, assumed = event_mask(NO_CHOICE, purposes=purposes, event_consent={"email": True}, development=False)
    >>> purposes.names_of(mask), assumed
    (['service', 'security', 'measure_aggregate', 'email'], 0)
    """
    law = law or purposes.law
    if event_consent is None:
        return _masks(choice, law, purposes, development)
    return _masks(_joined(choice, event_consent, purposes.bits), law, purposes, False)


def _joined(choice: Choice, event_consent: Mapping[str, bool], bits: Mapping[str, int]) -> Choice:
    """The recorded choice together with the event's: a refusal from either side wins."""
    grant, deny, lapsed = choice
    for name, given in event_consent.items():
        bit = bits.get(name, 0)
        if given is True:
            grant |= bit & ~lapsed
        else:
            deny |= bit
    return Choice(grant & ~deny, deny, lapsed)


@lru_cache(maxsize=16_384)  # people make few different choices; a look-up costs a third of the arithmetic
def _masks(choice: Choice, law: Law, purposes: Purposes, development: bool) -> tuple[int, int]:
    mask = effective(choice, always=law.always, consent_needed=law.consent_needed, fixed=purposes.fixed)
    chosen = choice.grant | choice.deny | choice.lapsed
    return mask, purposes.assumable & ~chosen & ~mask if development else 0
