"""What the purposes rest on for somebody: those that the person must permit, and those that have another basis."""

from __future__ import annotations

from typing import Final, NamedTuple

__all__ = ["ALL_ASK", "Law"]


class Law(NamedTuple):
    """Masks of purposes that share no bit."""

    always: int  # no choice is needed; an objection ends them
    consent_needed: int  # only the person can permit them

    def stricter(self, other: Law) -> Law:
        """The law for somebody to whom both apply.

        >>> Law(always=1 | 4, consent_needed=2).stricter(Law(always=1 | 2, consent_needed=4))
        Law(always=1, consent_needed=6)
        """
        return self.asking(other.consent_needed)

    def asking(self, mask: int) -> Law:
        """The same law for somebody who has to be asked for these purposes in any case.

        >>> Law(always=1 | 4, consent_needed=2).asking(4)
        Law(always=1, consent_needed=6)
        """
        return Law(self.always & ~mask, self.consent_needed | mask)


ALL_ASK: Final = Law(0, (1 << 64) - 1)
"""Where nobody knows better."""
