"""What came of an import: counts, the first problems in words, and all of them in files."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

import msgspec

from genom.app.importing.kept import KeptFile
from genom.app.importing.parcels import Refused
from genom.app.importing.rows import Row
from genom.app.importing.sending import Delivered
from genom.app.importing.state import Counts, State
from genom.collect.typed_sources import Problem
from genom.errors import counted

__all__ = ["Report"]

_SHOWN: Final = 12  # problems that are told in words
_PATH: Final = re.compile(r"`\$\.batch\[\d+\]\.?([^`]*)`")


class Report:
    """Takes in what became of each parcel."""

    def __init__(
        self, counts: Counts, *, rejects: KeptFile, report: KeptFile, header: bytes, encoding: str
    ) -> None:  # fmt: skip
        self.counts = counts
        self._rejects, self._report, self._header, self._encoding = rejects, report, header, encoding
        self._first: list[tuple[int, Problem]] = []
        self._by_column: Counter[str] = Counter()

    def take(self, told: Delivered) -> None:
        """What the node said to a parcel."""
        parcel, counts = told.parcel, self.counts
        counts.rows += parcel.rows
        counts.duplicates += parcel.duplicates
        for reason, rows in parcel.left_out.items():
            counts.left_out[reason] = counts.left_out.get(reason, 0) + rows
        counts.events += told.sent["batch"]
        counts.consents += told.sent["consents"]
        counts.products += told.sent["products"]
        counts.erased += told.erased
        refused = list(parcel.refused)
        for place, thing in enumerate(parcel.things):
            if place in told.refused:
                refused.append(Refused(thing.rows, thing.rows[0].number, (_in_words(told.refused[place]),)))
            else:
                counts.accepted += len(thing.rows)
        for one in sorted(refused, key=lambda refused: refused.number):
            self._refuse(one)

    def keep(self, state: State) -> None:
        """Note in a state what is taken in; the files are as far as it says."""
        self._rejects.flush()
        self._report.flush()
        state.counts, state.rejects, state.report = self.counts, self._rejects.at, self._report.at

    def _refuse(self, one: Refused) -> None:
        self.counts.rejected += len(one.rows)
        for problem in one.problems:
            self._by_column[problem.column or "the row"] += 1
            if len(self._first) < _SHOWN:
                self._first.append((one.number, problem))
            told = {"row": one.number, "column": problem.column, "what": problem.what, "fix": problem.fix}
            if len(one.rows) > 1:
                told["with_rows"] = [row.number for row in one.rows]
            self._report.write(msgspec.json.encode(told, enc_hook=str) + b"\n")
        if self._rejects.wanted:
            if not self._rejects.at:
                self._rejects.write(self._header)
            for row in one.rows:
                self._rejects.write(_as_it_stood(row, self._encoding))

    def lines(self) -> Iterator[str]:
        """The counts, and the first problems, in words."""
        counts = self.counts
        told = [
            counted(number, *words)
            for number, words in (
                (counts.events, ("event", "events")), (counts.consents, ("choice", "choices")),
                (counts.products, ("product", "products")),
            )
            if number
        ]  # fmt: skip
        yield f"{counted(counts.rows, 'row', 'rows')}: {counts.accepted:,} accepted, {counts.rejected:,} rejected."
        if told:
            yield f"Said by them: {', '.join(told)}."
        for reason, rows in counts.left_out.items():
            yield f"{counted(rows, 'row', 'rows')} left out: {reason}."
        if counts.duplicates:
            yield f"{counted(counts.duplicates, 'row stands', 'rows stand')} twice in the file, and counted once."
        if counts.erased:
            yield f"{counted(counts.erased, 'event', 'events')} of before a person's erasure were not taken again."
        for number, problem in self._first:
            where = f", column {problem.column}" if problem.column else ""
            yield f"  row {number:,}{where}: {problem.what}; {problem.fix}"
        if (more := sum(self._by_column.values()) - len(self._first)) > 0:
            most = ", ".join(f"{column} {number:,}" for column, number in self._by_column.most_common(5))
            yield f"  … and {more:,} more, by column: {most}; --report FILE writes all of them"


def _in_words(message: str) -> Problem:
    """What the node says of an event, without the event's place in its request."""
    what, _, fix = _PATH.sub(r"\1", message).strip().rstrip(".").rpartition("; ")
    return Problem("", what or fix, fix if what else "mend the row and import it again")


def _as_it_stood(row: Row, encoding: str) -> bytes:
    if row.raw is None:
        return msgspec.json.encode(row.cells, enc_hook=_hooked) + b"\n"
    return (row.raw + "\n").encode(encoding, errors="surrogateescape")


def _hooked(value: Any) -> Any:
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)
