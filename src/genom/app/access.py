"""Who may do what: keys are compared by their hashes, write keys can only write."""

from __future__ import annotations

from collections.abc import Iterable

from genom.app.audit import check_reason
from genom.app.catalogue import Key
from genom.app.commit import now_ms
from genom.app.http import Request
from genom.app.looks import Looks
from genom.app.node import Node
from genom.app.reading import find_person, person_number
from genom.app.roles import RIGHTS, rights_of, roles_with
from genom.collect import WrongKeys, offered_keys
from genom.errors import BadRequest, Forbidden, NotFound, NotPermitted, TooMany, nearest
from genom.words import ConsentMode, Source

__all__ = ["Access", "foreign_to", "may_serve", "must_be_whole", "must_have", "reason_of"]


def must_have(key: Key, right: str) -> None:
    """Raises NotPermitted unless the key has a right; one without a role has all."""
    if key.role and right not in rights_of(key.role):
        may = ", ".join(roles_with(right))
        raise Forbidden(
            "This key may not do this.",
            why=f"it has the role {key.role!r}, which lacks the right {right!r} ({RIGHTS[right]})",
            fix=f"use a key of the role {may}" if may else "use a server key that has no role",
            code="key.no-right",
        )


def may_serve(key: Key, *purposes: str) -> None:
    """Raises NotPermitted unless the key may read and decide for all of these purposes."""
    if foreign := foreign_to(key, purposes):
        named = " and ".join(map(repr, foreign))
        raise Forbidden(
            f"This key may not be used for the purpose{'s' if len(foreign) > 1 else ''} {named}.",
            why=f"it was made for {', '.join(key.purposes)}",
            fix="ask for one of these purposes, or make a key for what it lacks",
            code="key.no-purpose",
        )


def foreign_to(key: Key, purposes: Iterable[str]) -> list[str]:
    """Those of the purposes that a key was not made for; none if it is not limited to any.

    >>> foreign_to(Key("", "server", "shop", 1, purposes=("email",)), ["email", "price", "price"])
    ['price']
    """
    return [one for one in dict.fromkeys(purposes) if key.purposes and one not in key.purposes]


def reason_of(request: Request, key: Key) -> str:
    """Why somebody reads: what `X-Reason` says, else what the key was made for.

    Raises BadRequest if it is too long, or if there is none.
    """
    said = _text_of(request.headers.get(b"x-reason", b"")).strip()
    check_reason(said)
    if not (said or key.reason):
        raise BadRequest(
            "Reading single people needs a reason.",
            why="it goes on record, and the person reads it; neither the request nor the key says one",
            fix="send X-Reason, or make the key with a reason",
            code="key.no-reason",
        )
    return said or key.reason


def _text_of(header: bytes) -> str:
    """A header as text: UTF-8, or the Latin-1 of older programs.

    >>> _text_of("für".encode()), _text_of("für".encode("latin-1"))
    ('für', 'für')
    """
    try:
        return header.decode()
    except UnicodeDecodeError:
        return header.decode("latin-1")


def must_be_whole(key: Key, doing: str) -> None:
    """Raises NotPermitted if the key is limited to purposes: what it wants to do concerns all of them."""
    if key.purposes:
        raise Forbidden(
            f"This key may not {doing}.",
            why=f"it was made for {', '.join(key.purposes)} alone, and that concerns every purpose",
            fix="use a key without purposes",
            code="key.no-purpose",
        )


class Access:
    """The keys of the catalogue, and a small memory of the headers that brought them."""

    def __init__(self, node: Node, looks: Looks) -> None:
        self._node, self._looks = node, looks
        self._keys: dict[str, Key] = {}
        self._headers: dict[bytes, Key] = {}
        self.wrong = WrongKeys()
        self._lookups: dict[str, tuple[int, int]] = {}  # digest of a key → minute, lookups in it
        self.refresh()

    def refresh(self) -> None:
        """Take in what the catalogue says of the keys."""
        self._keys = {key.digest: key for key in self._node.catalogue.all_keys()}
        self._headers.clear()

    def entitled(self, request: Request, right: str) -> Key:
        """The server key of a request, which has this right.  Raises NotPermitted."""
        key = self.server_key(request)
        must_have(key, right)
        return key

    def any_key(self, request: Request, body_key: str = "") -> Key:
        """The key of a request, of any kind.  Raises NotPermitted if there is none or nobody knows it."""
        return self._known(request.headers.get(b"authorization", b""), body_key)

    def _known(self, header: bytes, body_key: str) -> Key:
        if header and (known := self._headers.get(header)):
            return known
        by_header, every = offered_keys(header or None, ""), offered_keys(header or None, body_key)
        for offered in every:
            # the look-up is by the hash of a random key, so its time tells nothing about other keys
            key = self._keys.get(self._node.key(offered))
            if key:
                if offered in by_header:  # a body's key says nothing about the next request with the same header
                    self._remember(header, key)
                return key
        self.wrong.note(every[0] if every else "", now=now_ms())
        raise NotPermitted(
            "The key is not known.",
            why="no key was sent, or nobody has made this one",
            fix="send the write key as Basic user name, or a server key as Bearer; `genom source add` makes keys",
        )

    def server_key(self, request: Request) -> Key:
        """The server key of a request.  Raises NotPermitted for a write key."""
        key = self.any_key(request)
        if key.kind != "server":
            raise Forbidden(
                "A write key cannot do this.",
                why="write keys are public and may only send events",
                fix="use a server key",
                code="key.no-right",
            )
        return key

    def page_key(self, offered: str, header: bytes = b"") -> Key:
        """The write key that a page's library puts into an address.  Raises NotPermitted, also for a server key."""
        key = self._known(header, offered)
        if key.kind == "server":
            raise Forbidden(
                "A server key has no place in a page.",
                why="whoever opens the page reads it, and it may do much more than send events",
                fix="put the source's write key into the page, and take this server key back",
                code="key.in-page",
            )
        return key

    def reads(self, request: Request, key: Key, person: str, what: str) -> None:
        """Somebody reads a person's data with a key: it is on record, with the key's reason or that of `X-Reason`."""
        self._looks.saw(person, who=f"key:{key.name}", what=what, reason=reason_of(request, key))

    def looks_up(self, key: Key) -> None:
        """Raises TooMany for a key that looks up more people in a minute than it may: nobody tries all identifiers."""
        minute, most = now_ms() // 60_000, self._node.settings.lookups_per_minute
        began, count = self._lookups.get(key.digest, (minute, 0))
        count = count + 1 if began == minute else 1
        self._lookups[key.digest] = (minute, count)
        if count > most:
            raise TooMany(
                "These were many lookups.",
                why=f"a key may look up {most} people in a minute",
                fix="wait a minute, or raise lookups_per_minute",
            )

    def serving(self, key: Key, person: int) -> int:
        """Bits of the purposes that a key may read a person's events for now; 0 if it is not limited to any.

        Raises NotFound if the person permits none of the key's, or there is nobody.
        """
        if not key.purposes:
            return 0
        bits = sum(self._node.purposes.bit(purpose) for purpose in key.purposes)
        may = bits & self._node.effective(person, now_ms()) if person else 0
        if not may:
            raise NotFound(
                "This key may read nobody of this name.",
                why=f"there is nobody, or the person permits none of {', '.join(key.purposes)} now",
                fix="check the name; else respect it",
                code="person.not-permitted",
            )
        return may

    def person(self, key: Key, public: str) -> int:
        """The person of a public id; raises NotFound, and Gone if they were erased.

        A key for purposes hears the same of nobody, of somebody who was erased, and of somebody who permits none of
        them: it has no right to know which of these it is.
        """
        if not key.purposes:
            return person_number(self._node, public)
        person = find_person(self._node, {"person": public})
        self.serving(key, person)
        return person

    def source_of(self, request: Request, key: Key) -> Source:
        """The source that a request's events belong to; a server key may name one in `X-Genom-Source`."""
        name = request.headers.get(b"x-genom-source", b"").decode("latin-1")
        if not name or key.kind != "server":
            return self._node.sources[key.source]
        for source in self._node.sources.values():
            if source.name == name:
                return source
        raise NotFound(
            f"There is no source named {name[:60]!r}.",
            why="the header X-Genom-Source names it",
            fix=nearest(name, [s.name for s in self._node.sources.values()]) or "add it with `genom source add`",
        )

    def source_of_app(self, request: Request, name: str) -> Source | None:
        """The source that is open to trackers of an application of this name; None if there is none.

        On this machine the first source takes all others while it is in development mode.
        """
        sources = self._node.sources.values()
        if named := next((source for source in sources if source.app_id and source.name == name), None):
            return named
        first = min(sources, key=lambda source: source.number)
        return first if request.local and first.consent is ConsentMode.DEVELOPMENT else None

    def _remember(self, header: bytes, key: Key) -> None:
        if header:
            if len(self._headers) > 10_000:
                self._headers.clear()
            self._headers[header] = key
