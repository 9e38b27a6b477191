"""What operators and loaders do: sources, products, the sample's progress, counts."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import numpy as np

from genom.app import audit
from genom.app.access import must_be_whole
from genom.app.commit import now_ms
from genom.app.erasing.sample import remove_sample
from genom.app.http import Reply, Request, Route, json_reply
from genom.app.server import App
from genom.app.snapshot import live_snapshot
from genom.app.special import tag_products
from genom.app.term_names import name_terms
from genom.errors import BadRequest
from genom.typed import converted
from genom.words import ConsentMode, Source

__all__ = ["ROUTES", "NewSource", "added_source", "stats_of"]


class NewSource(msgspec.Struct):
    """A source to add."""

    name: str
    consent: str = "required"
    history: bool = False
    trusts_links: bool = False
    app_id: bool = False  # trackers that name it need no key


class SourceChange(msgspec.Struct):
    """What changes about a source."""

    name: str
    consent: str | None = None
    trusts_links: bool | None = None
    app_id: bool | None = None


class Product(msgspec.Struct):
    """A product of the catalogue."""

    product_id: str
    name: str = ""
    category_1: str = ""
    category_2: str = ""
    brand: str = ""
    art9: bool | None = None  # whether it tells of health, belief or the like; nothing said: as it was


class Products(msgspec.Struct):
    """Products to add or replace."""

    products: list[Product]
    names: dict[str, dict[str, str]] = {}  # what people read for a term of `category_1` or `category_2`, by language


class Removed(msgspec.Struct):
    """How many people of the sample were erased."""

    people: int


class SampleState(msgspec.Struct):
    """How far the sample shop is loaded."""

    state: str = "none"
    lines: int = 0
    shift_ms: int | None = None
    step: str = ""
    done: int = 0
    consents: str = ""
    left: int = 0  # people whom a removal that is under way has still to erase


def mode_of(name: str) -> ConsentMode:
    """The consent mode of that name; raises BadRequest."""
    try:
        return ConsentMode[name.upper()]
    except KeyError:
        raise BadRequest(
            f"There is no consent mode {name!r}.", why="it is `required` or `development`", fix="use one of the two"
        ) from None


async def add_source(app: App, request: Request) -> Reply:
    """Add a source; its write key is in this answer and nowhere else."""
    who = f"key:{app.access.server_key(request).name}"
    source, key = await added_source(app, request.as_type(NewSource), who=who)
    return json_reply({"name": source.name, "number": source.number, "write_key": key, "secret": source.secret.hex()})


async def added_source(app: App, new: NewSource, *, who: str) -> tuple[Source, str]:
    """Add a source; its write key is returned this once.  Raises BadRequest."""
    _check_open(app_id=new.app_id, trusts_links=new.trusts_links, history=new.history)
    source, key = await asyncio.to_thread(
        app.node.catalogue.add_source,
        new.name,
        consent=mode_of(new.consent),
        history=new.history,
        trusts_links=new.trusts_links,
        app_id=new.app_id,
    )
    _refresh(app)
    await asyncio.to_thread(
        audit.record, app.node.catalogue, "source.added", who=who, kind="source", name=source.name, at=now_ms()
    )
    return source, key


async def set_source(app: App, request: Request) -> Reply:
    """Change a source; leaving development mode ends what was assumed."""
    app.access.server_key(request)
    change = request.as_type(SourceChange)
    changes: dict[str, Any] = {
        name: getattr(change, name) for name in ("trusts_links", "app_id") if getattr(change, name) is not None
    }
    for source in app.node.sources.values():
        if source.name == change.name:
            kept = {name: getattr(source, name) for name in ("app_id", "trusts_links", "history")}
            _check_open(**(kept | changes))
    if change.consent is not None:
        mode = mode_of(change.consent)
        changes["consent"] = int(mode)
        if mode and not any(s.consent for s in app.node.sources.values() if s.name == change.name):
            changes["since"] = now_ms()
    if not changes:
        raise BadRequest(
            "Nothing would change.", why="neither consent, trusts_links nor app_id was given", fix="name what to change"
        )
    source = await asyncio.to_thread(lambda: app.node.catalogue.set_source(change.name, **changes))
    _refresh(app)
    return json_reply(
        {
            "name": source.name,
            "consent": source.consent.name.lower(),
            "trusts_links": source.trusts_links,
            "app_id": source.app_id,
        }
    )


def _check_open(*, app_id: bool, trusts_links: bool, history: bool) -> None:
    """Raises BadRequest for a source that whoever guesses its name could join profiles with, or rewrite the past."""
    if app_id and (trusts_links or history):
        raise BadRequest(
            "This source cannot be open by its name.",
            why="its links are trusted" if trusts_links else "its events are known as of their own time",
            fix="let its trackers send a write key, or use another source",
            code="sources.open",
        )


async def sources(app: App, request: Request) -> Reply:
    """All sources, without their keys and secrets."""
    app.access.server_key(request)
    known = [
        {
            "number": s.number,
            "name": s.name,
            "consent": s.consent.name.lower(),
            "history": s.history,
            "trusts_links": s.trusts_links,
            "app_id": s.app_id,
        }
        for s in app.node.sources.values()
    ]
    return json_reply({"sources": known})


def _refresh(app: App) -> None:
    app.node.refresh_sources()
    app.access.refresh()


async def products(app: App, request: Request) -> Reply:
    """Add or replace products of the catalogue."""
    key = app.access.server_key(request)
    asked = request.as_type(Products)
    given = asked.products
    if asked.names:
        await asyncio.to_thread(name_terms, app.node.catalogue, asked.names)
    terms = {(1, p.category_1): None for p in given if p.category_1} | {
        (2, p.category_2): None for p in given if p.category_2
    }
    new = [pair for pair in terms if not app.node.world.terms[pair[0]].find(pair[1])]
    if new:
        await app.committer.submit_facts(lambda: app.node.pipeline.stage_facts(terms=new))
    flags = {product.product_id: product.art9 for product in given if product.art9 is not None}
    await asyncio.to_thread(tag_products, app.node.catalogue, flags)  # first: an event must not come in between
    if flags:
        await asyncio.to_thread(
            audit.record, app.node.catalogue, "catalogue.tagged", who=f"key:{key.name}", kind="catalogue", name="art9",
            at=now_ms(), details={"tagged": sum(flags.values()), "untagged": len(flags) - sum(flags.values())},
        )  # fmt: skip
    source = app.access.source_of(request, key).name
    await asyncio.to_thread(app.node.catalogue.put_products, [_row(product, source) for product in given])
    shelf, sent = app.node.desk.products, {p.product_id: (p.category_1, p.category_2) for p in given}
    before = {item: shelf[item] for item in sent if item in shelf}
    shelf.update(sent)
    app.node.pipeline.catalogue_changed()
    if flags or app.node.desk.tags.concern(before) or app.node.desk.tags.concern(sent):
        await app.tagger.renew()
    return json_reply({"accepted": len(given)})


def _row(product: Product, source: str) -> dict[str, Any]:
    row: dict[str, Any] = msgspec.to_builtins(product)
    del row["art9"]
    return row | {"source": source}


async def read_sample(app: App, request: Request) -> Reply:
    """How far the sample shop is loaded."""
    app.access.server_key(request)
    return json_reply(sample_state(app))


async def keep_sample(app: App, request: Request) -> Reply:
    """Keep how far the sample shop is loaded."""
    app.access.server_key(request)
    state = request.as_type(SampleState)
    await asyncio.to_thread(app.node.catalogue.put, "sample", msgspec.to_builtins(state))
    app.cache["sample"] = state
    return json_reply(state)


async def drop_sample(app: App, request: Request) -> Reply:
    """Erase the sample's people and forget its catalogue; the files follow in the background, as at every erasure."""
    key = app.access.server_key(request)
    must_be_whole(key, "erase people")
    before = sample_state(app)

    def left(many: int) -> None:
        app.cache["sample"] = msgspec.structs.replace(before, left=many)

    people = await remove_sample(app, who=f"key:{key.name}", told=left)
    gone = SampleState(state="removed")
    await asyncio.to_thread(app.node.catalogue.put, "sample", msgspec.to_builtins(gone))
    app.cache["sample"] = gone
    return json_reply(Removed(people))


def sample_state(app: App) -> SampleState:
    """The kept state of the sample."""
    state = app.cache.get("sample")
    if not isinstance(state, SampleState):
        state = app.cache["sample"] = converted(app.node.catalogue.get("sample") or {}, SampleState)
    return state


def stats_of(app: App) -> dict[str, Any]:
    """Counts of what the node holds and has done."""
    world, sample = app.node.world, sample_state(app)
    count = world.profiles.count
    numbers = np.arange(1, count + 1)
    return {
        "events": world.counts["events"],
        "rows": world.counts["rows"],
        "accepted": world.counts["events"],
        "rejected": app.node.bad_rows.count(),
        "erased": app.counts["erased"],  # events of erased people, refused since the start
        "duplicate": app.counts["duplicates"],  # since the start
        "damaged_signals": app.node.pipeline.permits.damaged,  # of consent, in events since the start
        "people": int((world.people.person_of[1 : count + 1] == numbers).sum()),
        "profiles": count,
        "genes": len(world.layout.genes),
        "decisions": app.counts["decisions"],  # since the start
        "position": world.position,
        "people_refolded": app.node.forgetting.refolded,  # past a read window; since the start
        "people_dropped": app.node.forgetting.dropped,
        "people_past_window": app.node.forgetting.waiting,
        "last_sweep": app.node.forgetting.swept,  # unix ms, 0 = none yet
        "last_retention": app.node.retention.ended,  # unix ms, 0 = none yet
        "retention_overwritten": app.node.retention.overwritten,  # rows, since the start
        "retention_waiting": app.node.retention.waiting,  # rows of the run under way
        "sample": {"state": sample.state, "lines": sample.lines},
    }


async def stats(app: App, request: Request) -> Reply:
    """Counts."""
    app.access.server_key(request)
    return json_reply(stats_of(app))


async def snapshot(app: App, request: Request) -> Reply:
    """Write the live state beside the state files, for `genom verify`; the node pauses while it is copied."""
    app.access.server_key(request)
    return json_reply(await live_snapshot(app.node, app.committer))


ROUTES = [
    Route("GET", "/v1/stats", stats, "Counts", right="totals.read"),
    Route("GET", "/v1/sources", sources, "Sources", right="sources.read"),
    Route("POST", "/v1/sources", add_source, "Add a source", NewSource, right="sources.write"),
    Route("PUT", "/v1/sources", set_source, "Change a source", SourceChange, right="sources.write"),
    Route("POST", "/v1/products", products, "Add or replace products", Products, right="sources.write"),
    Route("DELETE", "/v1/sample", drop_sample, "Remove the sample shop", None, Removed, right="people.erase"),
    Route("GET", "/v1/sample", read_sample, "The sample shop's progress", None, SampleState, right="system"),
    Route(
        "PUT", "/v1/sample", keep_sample, "Keep the sample shop's progress", SampleState, SampleState, right="system"
    ),
    Route("POST", "/v1/snapshot", snapshot, "Write the live state for verification", right="system"),
]
