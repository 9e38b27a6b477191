"""What a GPP string says of the purposes here: opt-outs of US law refuse, and its TC string is taken as one.

Nothing in a US section grants: who did not opt out has not agreed.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final

from genom.consent.purpose import GPP
from genom.consent.purposes import Purposes
from genom.consent.signals.bits import Damaged
from genom.consent.signals.gpp import NATIONAL, TCF, US_PRIVACY, National, gpp_sections, national, sold_by_us_privacy
from genom.consent.signals.said import Said
from genom.consent.signals.tcf_said import tc_said

__all__ = ["gpp_said", "heard_gpp", "opt_outs"]

_OPT_OUTS: Final = GPP[:3]  # sale, sharing, targeted advertising
_SENSITIVE: Final = GPP[3]
_NO: Final = 1
_YES: Final = 2  # did not opt out
_GIVEN, _NOT_GIVEN = 1, 2  # notices
_SHOWN: Final = 80  # characters of what is no string


def opt_outs(said: National) -> tuple[set[str], set[str]]:
    """Fields that a national section refuses by, and those in which it contradicts itself or gave no notice.

    Global Privacy Control, and the missing consent of a known child, refuse sale, sharing and advertising.

    >>> opt_outs(national("BVVVkkkkkpFY.YA"))[0] == {*GPP}, opt_outs(national("BVQqAAAACg"))[0]
    (True, set())
    """
    refused = {field for field, value in zip(_OPT_OUTS, said.opt_outs, strict=True) if value == _NO}
    if said.gpc or _NO in said.children:
        refused |= {*_OPT_OUTS}
    if _NO in said.sensitive:
        refused.add(_SENSITIVE)
    doubted = {
        field
        for field, notice, value in zip(_OPT_OUTS, said.notices, said.opt_outs, strict=True)
        if notice == _NOT_GIVEN or (value == _YES and notice != _GIVEN)
    }
    return refused, doubted - refused


@lru_cache(maxsize=1024)  # a page sends the same string with each event, and few differ
def gpp_said(text: str, purposes: Purposes) -> Said:
    """What a string says of each purpose; a section that nobody here understands denies as an opt-out would.

    Only an opt-out is a refusal; other denials end grants, for a page says so before anybody has chosen, too.

    A damaged section is doubted, and the others count; raises Damaged if the header is.
    """
    choices, refused, doubted, damaged, at = dict[str, bool](), set[str](), set[str](), list[str](), 0
    for number, section in gpp_sections(text):
        try:
            if number == TCF:
                tc = tc_said(section, purposes)
                choices, at = tc.choices | dict.fromkeys(choices, False), tc.at  # no other section grants
                continue
            fields, unsure = _refused(number, section)
        except Damaged as error:
            damaged.append(f"section {number}: {error}")
            doubted |= {one.name for one in purposes.every if (one.tcf if number == TCF else one.gpp)}
            continue
        if unsure:
            damaged.append(
                f"section {number}: nobody can have stayed in without notice, as {', '.join(sorted(unsure))} says"
            )
            doubted.update(_named(unsure, purposes))
        choices |= dict.fromkeys(_named(fields, purposes), False)
        if number in {US_PRIVACY, NATIONAL}:
            refused.update(_named(fields, purposes))
    choices = {name: granted for name, granted in choices.items() if not granted or name not in doubted}
    denied = {name for name, granted in choices.items() if not granted}
    return Said(choices, frozenset(denied - refused), frozenset(doubted - denied), tuple(damaged), at, text)


def _refused(number: int, section: str) -> tuple[set[str], set[str]]:
    """Fields that a section of US law refuses by, and doubted ones; all, if it is not understood.  Raises Damaged."""
    if number == US_PRIVACY:
        return ({_OPT_OUTS[0]} if sold_by_us_privacy(section) else set()), set()
    if number == NATIONAL:
        return opt_outs(national(section))
    return {*_OPT_OUTS}, set()


def _named(fields: set[str], purposes: Purposes) -> Iterator[str]:
    """The purposes that any of these fields denies."""
    return (one.name for one in purposes.every if fields.intersection(one.gpp))


def heard_gpp(value: Any, purposes: Purposes) -> Said:
    """What the string of an event says; one that is damaged keeps the event out of all that such strings speak of."""
    try:
        if not isinstance(value, str):
            raise Damaged("it is no text")
        return gpp_said(value, purposes)
    except Damaged as error:
        doubted = frozenset(one.name for one in purposes.every if one.gpp or one.tcf)
        return Said({}, doubted=doubted, damaged=(str(error),), evidence=str(value)[:_SHOWN])
