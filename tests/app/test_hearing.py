"""Several signals in one event: laws for whatever they say."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from genom.app.hearing import denied_by, heard
from genom.consent import ENDED, Choice, Choices
from genom.consent.signals import Said

BITS = {"a": 1, "b": 2, "c": 4}
names = st.sampled_from([*BITS])
preferences = st.dictionaries(names, st.booleans())


@st.composite
def said(draw: Any) -> Said:
    choices = draw(preferences)
    denied = [name for name, granted in choices.items() if not granted]
    ends = frozenset(draw(st.sets(st.sampled_from(denied)))) if denied else frozenset()
    return Said(choices, ends=ends, doubted=frozenset(draw(st.sets(names))))


several = st.dictionaries(st.sampled_from(["google", "gpp", "x"]), said(), max_size=3)
on_record = st.tuples(st.integers(0, 7), st.integers(0, 7)).map(lambda of: Choice(of[0] & ~of[1], of[1]))


@given(signals=several, own=preferences, choice=on_record, may_grant=st.booleans())
def test_an_event_serves_only_what_nothing_in_it_denies(
    signals: dict[str, Said], own: dict[str, bool], choice: Choice, may_grant: bool
) -> None:
    consent, _ = heard(signals, own, choice, bits=BITS, may_grant=may_grant)

    for name, permitted in consent.items():
        if permitted:
            assert name not in denied_by(signals)
            assert own.get(name, True)
            assert own.get(name) or (may_grant and any(one.choices.get(name) for one in signals.values()))
    assert all(consent[name] is False for name in denied_by(signals))


@given(signals=several, own=preferences, choice=on_record, may_grant=st.booleans())
def test_what_is_recorded_widens_no_refusal_and_is_recorded_once(
    signals: dict[str, Said], own: dict[str, bool], choice: Choice, may_grant: bool
) -> None:
    _, news = heard(signals, own, choice, bits=BITS, may_grant=may_grant)

    choices = Choices()
    for bit in BITS.values():
        if (choice.grant | choice.deny) & bit:
            choices.record([1], bit, bool(choice.grant & bit), at=0)
    for one in news:
        bit = BITS[one.purpose]
        assert not one.granted or (may_grant and not choice.deny & bit and one.purpose not in denied_by(signals))
        assert one.act != ENDED or choices.of([1], at=0).grant & bit  # only what is granted ends
        if one.act == ENDED:
            choices.end([1], bit)
        else:
            choices.record([1], bit, one.granted, at=0)
    after = choices.of([1], at=0)
    assert after.deny & choice.deny == choice.deny
    assert heard(signals, own, after, bits=BITS, may_grant=may_grant)[1] == []
