"""Journal rows and refused events as rows of the live page."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any, Final
from zlib import crc32

import msgspec
import numpy as np
from numpy.typing import NDArray

from genom.app.commit import now_ms
from genom.app.node import Node
from genom.app.pages.masking import about_of, event_of, facts_of, masked_text, raw_of, title_of
from genom.app.pages.reasons import sheet
from genom.app.pages.who import masked
from genom.app.reading import type_of_kind
from genom.app.show import names
from genom.app.show.clean import clean
from genom.app.show.refusals import refusal_place, refusal_reason
from genom.app.term_names import names_of
from genom.collect import BadRow
from genom.console.live import LiveRow
from genom.words import Channel, Kind

__all__ = ["accepted_row", "event_rows", "refused_row"]

_DAY: Final = 86_400_000  # ms
_FACT: Final = int(Kind.IDENTIFIER)  # rows from this kind on are Genom's own


_sheet = cache(sheet)


def event_rows(rows: NDArray[np.void]) -> NDArray[np.intp]:
    """Which rows are events, not their lines and not facts of Genom's own."""
    return np.flatnonzero((rows["kind"] < _FACT) & (rows["line"] == 0))


def accepted_row(node: Node, row: np.void, body: bytes, *, language: str) -> LiveRow:
    """An event of the journal."""
    if not int(row["mask"]) & node.purposes.bit("service"):
        body = b""
    event: dict[str, Any] = {"type": type_of_kind(int(row["kind"]))} | msgspec.json.decode(body or b"{}")
    source = node.sources.get(int(row["source"]))
    return LiveRow(
        key=f"e{int(row['sequence'])}",
        at=int(row["known_at"]),
        title=title_of(event, language),
        source=clean(source.name if source else "", most=40),
        channel=names.channel(Channel(int(row["channel"])).name.lower(), language) if row["channel"] else "",
        person=node.public.name(int(node.world.people.person(int(row["profile"])))),
        who=next(_identifiers(event), ""),
        about=about_of(event, _sheet(language), names_of(node.catalogue)),
        old=now_ms() - int(row["known_at"]) > _DAY,
        facts=facts_of(event),
        raw=raw_of(body, language) if body else "",
    )


def refused_row(bad: BadRow, *, language: str) -> LiveRow:
    """An event that was not taken."""
    known = event_of(bad.raw) or {}
    return LiveRow(
        key=f"r{bad.received_at}-{bad.index}-{crc32(bad.raw):x}",
        at=bad.received_at,
        title=title_of(known, language) or ("Event" if language == "en" else "Ereignis"),
        source=clean(bad.source, most=40),
        channel="",
        who=next(_identifiers(known), ""),
        accepted=False,
        reason=masked_text(refusal_reason(bad.code, bad.message, language)),
        place=masked_text(refusal_place(bad.message)),
        facts=facts_of(known),
        raw=raw_of(bad.raw, language),
    )


def _identifiers(event: dict[str, Any]) -> Iterator[str]:
    """Masked, the strongest first."""
    for name in ("userId", "anonymousId"):
        if isinstance(value := event.get(name), str | int) and value != "":
            yield masked(str(value))
