"""An import from beginning to end: what the file is, what of it is done, the rows, the report."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import islice
from pathlib import Path
from typing import Any, Final

import msgspec
from rich.console import Console

from genom.app.client import server_key, serving_node
from genom.app.directory import read_secrets
from genom.app.importing.forms import Form, form_of, opened, reading_of, sampled
from genom.app.importing.input import Input
from genom.app.importing.kept import KeptFile
from genom.app.importing.mapping import Mapped
from genom.app.importing.parcels import Parcel, parcels
from genom.app.importing.progress import showing
from genom.app.importing.report import Report
from genom.app.importing.rows import Broken, Row
from genom.app.importing.sending import Delivered, delivered
from genom.app.importing.state import State, StateFile
from genom.app.sample.client import NodeClient
from genom.collect.typed_sources import Plan, Problem, Reading, SourceType, bad_header, matched, spelled
from genom.errors import BadConfiguration, BadRequest

__all__ = ["Asked", "import_file", "key_of", "plan_of"]

_KEPT_EVERY: Final = 1.0  # seconds
_FIRST: Final = 3  # things that a dry run shows
REJECTED: Final = 3  # exit status: some rows are not in
BROKEN: Final = 1  # exit status: the file cannot be read to its end


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a command asks for."""

    kind: SourceType
    path: Path
    data: Path
    mapped: Mapped
    source: str = ""  # the source that the events belong to; "": called like the type
    history: bool | None = None
    dry_run: bool = False
    rejects: Path | None = None
    report: Path | None = None


@dataclass(slots=True)
class _Job:
    """An import that can begin."""

    asked: Asked
    file: Input
    form: Form
    plan: Plan
    reading: Reading
    header: list[str]
    client: NodeClient | None
    broken: list[Broken] = field(default_factory=list)
    rows: int = 0  # of a Parquet file; 0: nobody knows


def key_of(directory: Path) -> bytes:
    """The key of message ids and pseudonyms, which a data directory never changes."""
    return blake2b(read_secrets(directory).message, digest_size=32, person=b"genom import").digest()


def plan_of(kind: SourceType, header: list[str], mapped: Mapped, reading: Reading) -> Plan:
    """How a file's rows become records; raises BadRequest where its header does not do."""
    columns = matched(kind, header, mapped.columns)
    known = {name: parts for name, parts in columns.items() if name not in mapped.constants}
    constants = {name: (text,) for name, text in mapped.constants.items()}
    if problem := bad_header(kind, header, known | constants):
        raise problem
    rest: dict[str, str] = {}
    if kind.open:
        taken = {part for parts in known.values() for part in parts}
        rest = mapped.properties if mapped.properties is not None else {
            spelled(one): one for one in header if one not in taken and spelled(one)
        }  # fmt: skip
        for one in rest.values():
            if one not in header:
                raise BadRequest(
                    f"The file has no column {one!r}.", why="the mapping makes a property of it",
                    fix=f"it has {', '.join(header[:20])}", code="import.header",
                )  # fmt: skip
    return Plan(kind, known, reading, constants=mapped.constants, rest=rest)


def import_file(asked: Asked, console: Console) -> int:
    """Import a file; returns the exit status.

    Raises BadRequest for a file that cannot be imported at all, and what the node refuses.
    """
    try:
        job = _job(asked)
    except Broken as broken:
        raise BadRequest(
            f"{asked.path} cannot be read.", why=broken.what, fix=broken.fix, code="import.broken"
        ) from None  # fmt: skip
    try:
        _said_before(job, console)
        return _dry(job, console) if asked.dry_run else _sent(job, console)
    finally:
        if job.client is not None:
            job.client.close()


def _job(asked: Asked) -> _Job:
    file = Input(asked.path)
    form = form_of(file, asked.kind, asked.mapped)
    client = _client(asked)
    header, rows = sampled(file, form)
    key = key_of(asked.data) if (asked.data / "keys").exists() else b"no directory yet"
    purposes = _purposes(client) if client is not None else None
    reading = reading_of(rows, header, asked.kind, asked.mapped, key=key, purposes=purposes)
    plan = plan_of(asked.kind, header, asked.mapped, reading)
    if not rows:
        raise BadRequest(f"{asked.path} has no rows.", why="there is nothing below its header", fix="export it again")
    return _Job(asked=asked, file=file, form=form, plan=plan, reading=reading, header=header, client=client)


def _client(asked: Asked) -> NodeClient | None:
    node = serving_node(asked.data) if asked.data.exists() else None
    if node is not None:
        return NodeClient(str(node["url"]), server_key(asked.data))
    if asked.dry_run:
        return None
    raise BadConfiguration(
        f"No node serves {asked.data}.", why="an import sends its events to a running node",
        fix="start `genom up`, or look with --dry-run",
    )  # fmt: skip


def _purposes(client: NodeClient) -> frozenset[str]:
    """The purposes that the node has: it says how each stands of somebody whom nobody knows."""
    body = msgspec.json.encode({"type": "user_id", "value": "nobody, asked by an import"})
    told = msgspec.json.decode(client.call("POST", "/v1/consent:state", body))
    return frozenset(one["purpose"] for one in told["purposes"])


def _said_before(job: _Job, console: Console) -> None:
    """How the file is read, so that a wrong guess is seen."""
    reading, plan = job.reading, job.plan
    decimals = ", decimal comma" if reading.decimal_comma else ""
    dates = f", times as {' or '.join(reading.date_formats)}" if reading.date_formats else ""
    console.print(f"{job.asked.path} as {plan.kind.name}: {job.form}{decimals}{dates}, in the zone {reading.zone.key}.")
    renamed = [f"{name} = {'+'.join(parts)}" for name, parts in plan.columns.items() if parts != (name,)]
    if renamed:
        console.print(f"Columns by other names: {', '.join(renamed)}.")
    taken = {part for parts in plan.columns.values() for part in parts} | set(plan.rest.values())
    if unread := [one for one in job.header if one not in taken]:
        console.print(f"Columns that are not read: {', '.join(unread[:20])}{' …' if len(unread) > 20 else ''}.")


def _rows(job: _Job, skipped: int) -> Iterator[Row]:
    """The rows behind those that are done, until the file cannot be read on."""
    try:
        with opened(job.file, job.form) as (reader, stream):
            job.rows = getattr(reader, "count", 0)
            yield from islice(reader.rows(stream), skipped, None)
    except Broken as broken:
        job.broken.append(broken)


def _cut(job: _Job) -> Problem | None:
    """Why the last thing of the file may lack rows."""
    if job.broken:
        return Problem("", "is the last before the file breaks off", job.broken[0].fix)
    if job.file.grown():
        return Problem("", "is the last of a file that is still being written", "import it again when it is whole")
    return None


def _parcels(job: _Job, done: int) -> Iterator[Parcel]:
    return parcels(_rows(job, done), job.plan, job.reading, done=done, cut=lambda: _cut(job))


def _share(job: _Job, rows: int) -> float:
    return min(rows / job.rows if job.rows else job.file.at / job.file.size, 1.0)


def _dry(job: _Job, console: Console) -> int:
    """Show what would be sent: the first things, the counts, the problems."""
    shown: list[dict[str, Any]] = []
    with ExitStack() as stack:
        report = _report(job, State(), stack)
        show = stack.enter_context(showing(console))
        for parcel in _parcels(job, 0):
            told = Delivered(parcel)
            for thing in parcel.things:
                for said in thing.said:
                    told.sent[said.to] += 1
                    if len(shown) < _FIRST:
                        shown.append({said.to: said.body})
            report.take(told)
            _tell(show, job, report)
    for one in shown:
        console.print_json(msgspec.json.encode(one).decode())
    console.print("A dry run: nothing was sent.")
    return _ended(job, report, console)


def _sent(job: _Job, console: Console) -> int:
    asked = job.asked
    assert job.client is not None  # only a dry run does without
    source = _source(job.client, asked)
    kept = StateFile(asked.data, _name(job, source))
    state = kept.read() or State()
    if state.rows:
        console.print(f"This import was interrupted; it goes on after row {state.rows:,}.")
    with ExitStack() as stack:
        report = _report(job, state, stack)
        show, at = stack.enter_context(showing(console, done=state.rows)), time.monotonic() - _KEPT_EVERY
        for told in delivered(job.client, source, _parcels(job, state.rows)):
            report.take(told)
            state.rows = told.parcel.through
            if time.monotonic() - at >= _KEPT_EVERY:
                report.keep(state)
                kept.write(state)
                at = time.monotonic()
            _tell(show, job, report)
    kept.remove()
    return _ended(job, report, console)


def _tell(show: Callable[[float, int, int, int], None], job: _Job, report: Report) -> None:
    counts = report.counts
    show(_share(job, counts.rows), counts.rows, counts.accepted, counts.rejected)


def _report(job: _Job, state: State, stack: ExitStack) -> Report:
    asked, encoding = job.asked, job.form.encoding
    encoding = "utf-8" if encoding.startswith("utf") else encoding
    rejects = stack.enter_context(KeptFile(asked.rejects, at=state.rejects, source=asked.path))
    report = stack.enter_context(KeptFile(asked.report, at=state.report, source=asked.path))
    head = ""
    if job.form.name == "csv" and job.form.header is None:
        head = job.form.written(job.header) + "\n"
    return Report(
        state.counts, rejects=rejects, report=report, header=head.encode(encoding, errors="surrogateescape"),
        encoding=encoding,
    )  # fmt: skip


def _ended(job: _Job, report: Report, console: Console) -> int:
    for line in report.lines():
        console.print(line)
    if job.broken:
        console.print(f"The file breaks off: {job.broken[0].what}; {job.broken[0].fix}.")
        return BROKEN
    if grown := job.file.grown():
        console.print(f"The file has grown by {grown:,} bytes meanwhile: import it again, what is in counts once.")
    return REJECTED if report.counts.rejected else 0


def _name(job: _Job, source: str) -> str:
    """What is imported, and how: an import of the same goes on, and another one begins."""
    how = [
        job.file.fingerprint(), source, job.plan.kind.name, job.plan.columns, job.asked.mapped, str(job.form),
        job.form.header, job.reading.decimal_comma, job.reading.zone.key, job.reading.date_formats,
        str(job.asked.rejects), str(job.asked.report),
    ]  # fmt: skip
    return blake2b(msgspec.json.encode(how), digest_size=16).hexdigest()


def _source(client: NodeClient, asked: Asked) -> str:
    """The source that the events belong to; it is added if there is none of its name."""
    name = asked.source or asked.kind.name
    known = {one["name"]: one for one in msgspec.json.decode(client.call("GET", "/v1/sources"))["sources"]}
    if name not in known:
        body = {"name": name, "history": bool(asked.history)}
        client.call("POST", "/v1/sources", msgspec.json.encode(body))
    elif asked.history is not None and known[name]["history"] != asked.history:
        raise BadRequest(
            f"The source {name!r} {'is' if known[name]['history'] else 'is not'} declared as history.",
            why="that is settled when a source is added", fix="leave the option out, or name another source: --source",
        )  # fmt: skip
    return name
