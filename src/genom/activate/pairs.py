"""A person at a destination: what was wanted, what was sent, and how it ended.  Pure functions of time and answers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from genom.activate.platform import Answer, Outcome

__all__ = ["LATE", "OPEN", "Pair", "State", "claimed", "corrected", "is_late", "reported", "wished"]

_DAY: Final = 86_400_000  # ms
LATE: Final = _DAY
"""Ms within which a removal should be confirmed."""
_FIRST_PAUSE: Final = 60_000  # ms until the second attempt; then twice as long each time
_LONGEST_PAUSE: Final = 6 * 3_600_000  # ms
_POLL: Final = 30_000  # ms between two looks at a job of the recipient
_LEASE: Final = 120_000  # ms after which somebody who was to send and did not answer is taken for dead


class State(StrEnum):
    """Where a pair stands."""

    WANTED = "wanted"  # to be sent
    SENT = "sent"  # the recipient works on it
    MEMBER = "member"
    WRONG = "wrong"  # to be removed and then sent anew, for what was sent is not right any more
    LEAVING = "leaving"  # to be removed, or to be forgotten by the recipient
    ASKED = "asked"  # the recipient works on the removal
    GONE = "gone"


OPEN: Final = frozenset({State.WANTED, State.SENT, State.WRONG, State.LEAVING, State.ASKED})
"""States that something must follow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """One person at one destination."""

    state: State
    since: int  # unix ms; when it was wanted there, or wanted away
    next_at: int  # unix ms; when something is to be done
    told_at: int = 0  # unix ms; when the recipient last may have heard of the person; 0 = never
    job: str = ""  # that runs at the recipient; while somebody is wanted or leaving, one of before that must end first
    attempts: int = 0  # that failed in a row
    why: str = ""  # the last one failed


def wished(pair: Pair, *, wanted: bool, expires: int, now: int) -> Pair | None:
    """The pair when it is known whether the person belongs there now; None if nothing is to be kept.

    `expires`: ms after which the recipient forgets a member by itself; 0 if it must be told.

    >>> first = Pair(state=State.WANTED, since=5, next_at=5)
    >>> wished(first, wanted=False, expires=0, now=6)
    >>> wished(claimed(first, now=6), wanted=False, expires=0, now=7).state
    <State.LEAVING: 'leaving'>
    """
    if wanted:
        if pair.state in {State.LEAVING, State.ASKED, State.GONE}:
            return Pair(state=State.WANTED, since=now, next_at=now, told_at=pair.told_at, job=pair.job)
        if expires and pair.state is State.MEMBER and now >= pair.told_at + expires // 2:
            return replace(pair, state=State.WANTED, next_at=now)  # or the recipient would forget a member
        return pair
    if pair.state in {State.LEAVING, State.ASKED}:
        over = bool(expires) and now >= pair.told_at + expires
        return replace(pair, state=State.GONE, since=now, job="") if over else pair
    if pair.state is State.GONE:
        return pair
    if not pair.told_at:
        return None  # nobody outside has heard of the person
    return Pair(state=State.LEAVING, since=now, next_at=now, told_at=pair.told_at, job=pair.job)


def corrected(pair: Pair, *, expires: int, now: int) -> Pair:
    """The pair when an address of the person was corrected: what the recipient holds goes, and what is right comes.

    `expires`: ms after which the recipient forgets a member by itself, for nobody can be removed there: then what is
    right is sent again, and what was wrong is forgotten in its time.

    >>> there = Pair(state=State.MEMBER, since=5, next_at=0, told_at=5)
    >>> corrected(there, expires=0, now=6).state, corrected(there, expires=30, now=6).state
    (<State.WRONG: 'wrong'>, <State.WANTED: 'wanted'>)
    """
    if not pair.told_at or pair.state not in {State.WANTED, State.SENT, State.MEMBER}:
        return pair  # nothing is there, or it leaves already
    state = State.WANTED if expires else State.WRONG
    return Pair(state=state, since=now, next_at=now, told_at=pair.told_at, job=pair.job)


def claimed(pair: Pair, *, now: int) -> Pair:
    """The pair while it is being sent: from now on the recipient may have heard of the person."""
    told = now if pair.state is State.WANTED and not pair.job else pair.told_at
    return replace(pair, next_at=now + _LEASE, told_at=told)


def reported(pair: Pair, answer: Answer, *, now: int) -> Pair:
    """The pair after the recipient has answered; a failure is tried again, ever later, and never given up.

    What was asked of a recipient before the person changed their mind must end before the next is sent: an add that
    it does later would outlive the removal.
    """
    if pair.job and pair.state in {State.WANTED, State.WRONG, State.LEAVING}:
        runs = answer.outcome is Outcome.PENDING
        return replace(pair, next_at=now + _POLL) if runs else replace(pair, job="", next_at=now, attempts=0, why="")
    joins = pair.state in {State.WANTED, State.SENT}
    if answer.outcome is Outcome.DONE:
        if pair.state is State.WRONG:
            return Pair(state=State.WANTED, since=now, next_at=now, told_at=pair.told_at)
        state = State.MEMBER if joins else State.GONE
        return replace(pair, state=state, since=now, next_at=0, job="", attempts=0, why="")
    if answer.outcome is Outcome.PENDING:
        state = State.SENT if joins else State.ASKED
        return replace(pair, state=state, next_at=now + _POLL, job=answer.job, attempts=0, why="")
    attempts = pair.attempts + 1
    pause = min(_FIRST_PAUSE * 2 ** min(attempts - 1, 20), _LONGEST_PAUSE)
    return replace(
        pair, state=_again(pair.state), next_at=now + pause, job="", attempts=attempts,
        why=answer.why[:200],
    )  # fmt: skip


def _again(state: State) -> State:
    """What is tried again after a failure."""
    if state is State.WRONG:
        return state
    return State.WANTED if state in {State.WANTED, State.SENT} else State.LEAVING


def is_late(pair: Pair, *, expires: int, now: int) -> bool:
    """Whether a removal should have been confirmed by now."""
    return pair.state in {State.WRONG, State.LEAVING, State.ASKED} and now - pair.since > max(LATE, expires)
