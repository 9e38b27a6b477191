"""What the pages of a person ask for: plain values whose text is already in the reader's language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

__all__ = [
    "Asking",
    "Choice",
    "Choices",
    "Decided",
    "ErasedFrom",
    "Erasure",
    "Family",
    "Holdings",
    "Known",
    "Port",
    "Question",
    "Receiver",
    "Request",
    "Saying",
    "Suggestion",
    "Telling",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Saying:
    """One thing that the person has told us."""

    key: str  # what a form sends to take it back
    text: str
    at: int  # unix ms
    question: bool = False  # the answer to a question, not a like or dislike


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """What is known about one side of a person, in sentences."""

    id: str
    title: str
    sentences: tuple[str, ...] = ()
    estimates: tuple[str, ...] = ()  # what was not observed but worked out, with its probability
    details: tuple[tuple[str, str], ...] = ()  # everything that is known of it: what, value
    withheld: tuple[str, ...] = ()  # purposes whose permission is missing; nothing is shown then
    resting: bool = False  # withheld because everything is paused
    older: int = 0  # days: what is known is older than may be read for any permitted purpose; 0 = it is not


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """The page "what we know"."""

    events: int  # that may be read for the service itself
    since: int  # unix ms of the first of them, 0 = none
    families: tuple[Family, ...]
    told: tuple[Saying, ...]
    used_for: tuple[str, ...]  # purposes for which this may be used now
    identifiers: tuple[tuple[str, str], ...]  # what it is, masked value
    origins: tuple[tuple[str, str, int], ...]  # where from, by which way, how many events
    special: int = 0  # events that tell of health, belief or the like
    special_for: tuple[str, ...] = ()  # purposes, explicitly agreed to, for which these may be used now


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """One decision in plain words."""

    at: int  # unix ms
    place: str  # where it was shown
    shown: tuple[str, ...]  # empty = nothing was offered
    chance: Literal["random", "tried", "chosen"]
    neutral: bool  # nothing personal was used
    unmoved: bool  # nothing personal spoke for what was shown
    hidden: int  # reasons that rest on what is withheld now
    reasons: tuple[str, ...]  # sentences, the strongest first
    narrowed: tuple[str, ...] | None = ()  # `mailed`, `answered`, `disliked` narrowed it; None = not recorded
    missing: str = ""  # the purpose whose permission was missing
    times: int = 1  # how often in a row the same was decided for the same reasons; `at` is the last time


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A purpose and whether the person permits it."""

    purpose: str
    name: str
    text: str  # what the law calls the notice
    on: bool
    asked: bool  # the person (or somebody for them) has chosen
    changed: int = 0  # unix ms of that choice, 0 = never or before what is remembered
    ended: int = 0  # unix ms when a page's banner no longer permitted it, without a refusal; 0 = never
    until: int = 0  # unix ms when the consent runs out; 0 = it does not
    expired: int = 0  # unix ms when it ran out; 0 = it did not
    lapsed: bool = False  # it was permitted under a text that has changed since
    ground: str = ""  # why it needs no consent; "" = it does
    needed: str = ""  # another purpose without which it has no effect
    kept: str = ""  # how long data are used and kept for it


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """The page "choices"."""

    used: tuple[Choice, ...]  # purposes that something here rests on
    further: tuple[Choice, ...]  # that nobody uses at present
    fixed: tuple[Choice, ...]  # that cannot be refused
    paused: bool
    untracked: int = 0  # unix ms since when Do Not Track is; 0 = it was never sent
    regions: str | None = None  # whose law counts for the person; empty: none is known; None: nobody has one here
    control: int = 0  # unix ms since when Global Privacy Control of the browser is honoured; 0 = it was never sent


@dataclass(frozen=True, slots=True, kw_only=True)
class Receiver:
    """Somebody outside who has the person's data, had them, or is to have them."""

    name: str
    country: str  # ISO 3166-1 alpha-2
    purposes: tuple[str, ...]  # in words
    state: str  # "there", "coming", "leaving" or "gone"
    since: int  # unix ms


@dataclass(frozen=True, slots=True, kw_only=True)
class Holdings:
    """The page "your data": what a copy would hold."""

    events: int
    decisions: int
    choices: int
    copied: int  # unix ms of the last copy, 0 = none
    looked: tuple[tuple[int, bool, str], ...]  # who read it last: unix ms, whether a program did, reason
    receivers: tuple[Receiver, ...]
    fresh: bool  # the session began so lately that a copy is handed out


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasedFrom:
    """What became of a person in one store."""

    store: str
    found: int  # records before the erasure
    done: bool  # overwritten, as far as anything is


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """The page "your data are deleted"; it names nobody."""

    id: str
    asked_at: int  # unix ms
    done_at: int  # unix ms, 0 = files are still being overwritten
    stores: tuple[ErasedFrom, ...]
    file: bytes  # the signed receipt, JSON


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Something that the person has asked us for."""

    what: str
    state: str
    asked_at: int  # unix ms
    due_at: int  # unix ms; 0 = it is answered
    note: str
    longer: str  # why it takes longer
    refused: str  # why it was refused
    unproved: str = ""  # its kind, if the person has still to prove who asks


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """The page "your requests"."""

    kinds: tuple[tuple[str, str], ...]  # what can be asked for: code, words
    requests: tuple[Request, ...]  # newest first
    fresh: bool  # the session has just begun, so that it proves who asks


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """A thing that the person may like or not, by its key."""

    key: str
    name: str
    why: str = ""  # why it is suggested


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """An attribute that the person may state."""

    key: str
    label: str
    options: tuple[tuple[str, str], ...]  # value, label
    chosen: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """The page "tell us"."""

    open: bool  # something here would use it; else the person has switched all of that off
    needed: tuple[str, ...]  # purposes that would use it
    sayings: tuple[Saying, ...] = ()
    suggestions: tuple[Suggestion, ...] = ()
    things: tuple[Suggestion, ...] = ()  # everything that can be named
    questions: tuple[Question, ...] = ()


class Port(Protocol):
    """What a node answers.

    `person` is the public id that the session stands for, `actor` who acts in it.
    Reads raise NotFound for a person who is gone.
    """

    def who(self, cookie: str | None) -> str | None:
        """Whom a session's cookie stands for."""

    def actor(self, cookie: str | None) -> str:
        """Who acts in a session, as the records name them: `person`, or somebody else in the person's place."""

    async def enter(self, token: str) -> tuple[str, int]:
        """A session's token and its seconds, for a link's token; raises NotPermitted."""

    def invented(self, person: str) -> bool:
        """Whether the person belongs to a simulated world: every page then says so."""

    async def leave(self, cookie: str | None) -> None:
        """End a session."""

    async def known(self, person: str, *, language: str) -> Known:
        """What we know."""

    async def decided(self, person: str, *, language: str) -> tuple[Decided, ...]:
        """The last decisions, newest first."""

    async def choices(self, person: str, *, language: str) -> Choices:
        """The purposes and what the person chose."""

    async def choose(self, person: str, purpose: str, *, on: bool, actor: str) -> None:
        """Record a choice; it acts on every read that begins later."""

    async def pause(self, person: str, *, on: bool, actor: str) -> None:
        """Refuse everything that can be refused, or bring back what the person had agreed to."""

    async def holdings(self, person: str, *, cookie: str | None, language: str) -> Holdings:
        """What a copy would hold, and whether this session may have one."""

    async def copy(self, person: str, *, cookie: str | None, language: str, actor: str) -> bytes:
        """A ZIP file of everything that is held; raises NotPermitted if the session is not fresh."""

    async def asking(self, person: str, *, cookie: str | None, language: str) -> Asking:
        """What the person has asked for, and can ask for."""

    async def ask(self, person: str, kind: str, *, note: str, cookie: str | None, actor: str) -> bool:
        """Ask for something; returns whether a fresh log-in is needed to go on.  Raises BadRequest."""

    async def erase(self, person: str, *, cookie: str | None, actor: str) -> str:
        """Erase everything, and end the session; returns the receipt's id.

        Raises NotPermitted if the session is not fresh.
        """

    async def erasure(self, receipt: str) -> Erasure:
        """What has become of an erasure, for whoever knows its id; raises NotFound."""

    async def telling(self, person: str, *, language: str) -> Telling:
        """What the person has told us and may tell."""

    async def tell(self, person: str, thing: str, *, word: Literal["like", "dislike", "withdraw"], actor: str) -> None:
        """Like a thing, be not interested in it, or take that back; durable and visible on return."""

    async def state(self, person: str, question: str, *, value: str, actor: str) -> None:
        """Answer a question; an empty value takes the answer back."""
