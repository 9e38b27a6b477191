"""The events of one request, and who sent them."""

from __future__ import annotations

from dataclasses import dataclass, field

from genom.collect import Columns
from genom.words import ConsentMode, Event, Source

__all__ = ["Batch"]


@dataclass(slots=True)
class Batch:
    """What one request brought, as it waits for its commit."""

    events: list[Event]
    source: Source
    server: bool = False  # sent with a server key
    objection: str = ""  # the header by which the browser asks not to sell, share or track, as it came
    local: bool = False  # from a loopback peer without any forwarding header
    size: int = 0  # bytes
    duplicates: int = 0  # counted by the pipeline
    erased: int = 0  # events of before their person's erasure, which are not taken; counted by the pipeline
    first_at: int = 0  # unix ms; when the events came first, if they were refused then and are tried again; 0 = now
    columns: Columns | None = None  # the events in this form, if all of them are plain; then the list is empty

    development: bool = field(init=False)  # events without consent information may serve what the mode assumes
    prefix: bytes = field(init=False)  # begins what a message id is hashed with

    def __len__(self) -> int:
        """How many events there are."""
        return len(self.events) if self.columns is None else len(self.columns.rows)

    def __post_init__(self) -> None:
        """Work out once what each event would ask."""
        mode = self.source.consent is ConsentMode.DEVELOPMENT
        self.development = self.local and mode and not self.source.history
        self.prefix = b"%d\0" % self.source.number
