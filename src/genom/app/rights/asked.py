"""A person's request, and the steps that it goes: received → proof asked → in work → done or refused."""

from __future__ import annotations

from typing import Final, Literal, cast

import msgspec
from msgspec.structs import replace

from genom.app.rights.deadlines import Deadlines
from genom.errors import BadRequest, nearest

__all__ = [
    "FOUND",
    "KINDS",
    "NEED_PROOF",
    "OPEN",
    "PROOFS",
    "Asked",
    "Kind",
    "ask_proof",
    "checked",
    "erased",
    "extend",
    "finish",
    "needs_proof",
    "prove",
    "refuse",
    "start",
]

Kind = Literal["access", "portability", "rectification", "restriction", "objection", "erasure"]
State = Literal["received", "proof_asked", "in_work", "done", "refused"]
KINDS: Final = ("access", "portability", "rectification", "restriction", "objection", "erasure")
OPEN: Final = frozenset({"received", "proof_asked", "in_work"})
NEED_PROOF: Final = frozenset({"access", "portability", "rectification", "erasure"})
"""What would harm the person if somebody else had asked for it; who objects is heard without questions."""
PROOFS: Final = ("session", "login", "mail", "document", "in_person", "known")
"""How somebody proved who they are.

A one-time link from the shop, one that it made right after a log-in, or mailed to a known address; a document, in
person, known to the staff.
"""
FOUND: Final = frozenset({"session", "login"})
"""Proofs that only Genom itself finds; a link by mail, too, may be told by staff."""
_LONGEST: Final = 500  # characters of a text


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A request; once its person is erased it names nobody, and no words of theirs are left."""

    id: str  # random
    kind: Kind
    state: State
    subject: str  # public id; "" = erased
    region: str
    asked_at: int  # unix ms, UTC
    due_at: int  # unix ms, UTC
    note: str = ""  # what the person said
    via: str = ""  # portal, console or api
    proof: str = ""  # one of PROOFS; "" = none yet
    extended: str = ""  # why it takes longer, as the person reads it
    answer: str = ""  # why it was refused
    handled_by: str = ""  # as in the audit log
    receipt: str = ""  # of the erasure
    done_at: int = 0  # unix ms, UTC
    checked_at: int = 0  # unix ms, UTC, when Genom itself found the proof; 0 = somebody said so

    @property
    def open(self) -> bool:
        """Whether it still has to be answered."""
        return self.state in OPEN


def checked(kind: str, *, note: str = "", proof: str = "", checked_at: int = 0) -> Kind:
    """The kind of a new request; raises BadRequest for one that does not exist and for words that do not fit."""
    if kind not in KINDS:
        raise BadRequest(
            f"There is no request of the kind {kind[:40]!r}.",
            why=f"kinds are {', '.join(KINDS)}",
            fix=nearest(kind, KINDS) or "name one of them",
            code="request.kind",
        )
    if len(note) > _LONGEST:
        raise BadRequest(
            "The note is too long.", why=f"it has up to {_LONGEST} characters", fix="shorten it", code="request.note"
        )
    _known_proof(proof, found=checked_at > 0)
    return cast("Kind", kind)


def needs_proof(asked: Asked) -> bool:
    """Whether an open request waits for somebody to prove who asks."""
    return asked.open and asked.kind in NEED_PROOF and not asked.proof


def ask_proof(asked: Asked, *, by: str) -> Asked:
    """The person has to show who they are; the time goes on."""
    return replace(_opened(asked), state="proof_asked", handled_by=by)


def prove(asked: Asked, *, proof: str, now: int) -> Asked:
    """Genom itself has found who asks; what staff had asked for is given."""
    _known_proof(proof, found=True)
    state: State = "received" if asked.state == "proof_asked" else asked.state
    return replace(_opened(asked), state=state, proof=proof, checked_at=now)


def start(asked: Asked, *, by: str, proof: str = "") -> Asked:
    """Somebody works on it.  Raises BadRequest if the kind needs a proof that is not given."""
    _opened(asked)
    _known_proof(proof)
    proof = asked.proof if asked.checked_at else proof or asked.proof
    if not proof and asked.kind in NEED_PROOF:
        raise BadRequest(
            "Nobody has proved yet who asks.",
            why=f"{asked.kind} for somebody else would harm the person",
            fix="say how it was proved, or ask for proof",
            code="request.no-proof",
        )
    return replace(asked, state="in_work", proof=proof, handled_by=by)


def extend(asked: Asked, *, by: str, reason: str, deadlines: Deadlines, now: int) -> Asked:
    """More time, once, while the first has not passed, and with a reason for the person."""
    _opened(asked)
    if asked.extended or now > asked.due_at:
        raise BadRequest(
            "This request cannot be extended.",
            why="it was extended before" if asked.extended else "its date has passed",
            fix="answer it now",
            code="request.no-extension",
        )
    due = deadlines.extended(asked.kind, asked.region, asked.asked_at)
    return replace(asked, due_at=due, extended=_said(reason, "an extension"), handled_by=by)


def refuse(asked: Asked, *, by: str, reason: str, now: int) -> Asked:
    """No, with the reason that the person reads."""
    answer = _said(reason, "a refusal")
    return replace(_opened(asked), state="refused", answer=answer, handled_by=by, done_at=now)


def finish(asked: Asked, *, by: str, now: int) -> Asked:
    """What was asked for is done."""
    return replace(_opened(asked), state="done", handled_by=by, done_at=now)


def erased(asked: Asked, *, by: str, now: int, receipt: str) -> Asked:
    """The person is gone, and the request keeps the receipt; it may have lost its person already."""
    gone = replace(asked, subject="", note="", extended="", answer="")
    return replace(gone, state="done", handled_by=by, done_at=asked.done_at or now, receipt=receipt)


def _opened(asked: Asked) -> Asked:
    if not asked.open:
        raise BadRequest(
            "This request is closed.", why=f"it is {asked.state}", fix="file a new one", code="request.closed"
        )
    return asked


def _known_proof(proof: str, *, found: bool = False) -> None:
    if proof in FOUND and not found:
        raise BadRequest(
            f"{proof!r} cannot be said.",
            why="Genom finds it by itself, when the person asks on their own pages",
            fix="send the person a link (POST /v1/portal-links), or name what you have seen",
            code="request.proof",
        )
    if proof and proof not in PROOFS:
        raise BadRequest(
            f"{proof[:40]!r} is no proof of identity.",
            why=f"known are {', '.join(PROOFS)}",
            fix="name one of them",
            code="request.proof",
        )


def _said(text: str, what: str) -> str:
    text = text.strip()
    if not text or len(text) > _LONGEST:
        raise BadRequest(
            f"The reason for {what} cannot be used.",
            why=f"the person reads it; it has 1 to {_LONGEST} characters",
            fix="say why",
            code="request.reason",
        )
    return text
