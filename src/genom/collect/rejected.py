"""Why one event of a request is not taken; raised while it is read, and turned into a `Rejection`."""

from __future__ import annotations

from typing import Final

from genom.words import Rejection

__all__ = ["RAW_KEPT", "Rejected", "as_it_came", "rejection"]

RAW_KEPT: Final = 262_144  # bytes of a rejected event that the bad-row store keeps
_SHOWN: Final = 200  # characters of foreign text in a message


class Rejected(Exception):
    """An event that cannot be taken: a stable code, where in the event, what is wrong and how to mend it.

    >>> Rejected("collect.no-identifier", "", "has no identifier", "send userId or anonymousId").within("$").message
    '`$` has no identifier; send userId or anonymousId.'
    """

    def __init__(self, code: str, path: str, what: str, fix: str) -> None:
        super().__init__(code)
        self.code, self.path, self.what, self.fix = code, path, what[:_SHOWN], fix

    def within(self, outer: str) -> Rejected:
        """The same with a longer path, such as `.price` within `.properties`."""
        self.path = outer + self.path
        return self

    @property
    def message(self) -> str:
        """One sentence for the client."""
        return f"`{self.path[:_SHOWN]}` {self.what}; {self.fix}."


def rejection(why: Rejected, index: int, message_id: str | None, raw: bytes) -> Rejection:
    """What the answer and the bad-row store tell about a rejected event."""
    return Rejection(index, message_id, why.code, why.message, raw[:RAW_KEPT])


def as_it_came(told: Rejection, index: int, message_id: str | None, raw: bytes, *, at: tuple[str, str]) -> Rejection:
    """The rejection of a translated event as one of what it was translated from.

    `at`: where the message says it is, and where it is.
    """
    message = told.message.replace(*at, 1)
    return Rejection(index, message_id, told.code, message, raw[:RAW_KEPT])
