"""A whole node inside the test's process: real files and handlers, and a clock that the test sets."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, Literal, Self, TypeVar
from urllib.parse import urlencode

import pytest
import yaml

from genom.app import commit, node, snapshot
from genom.app.commit import Committer
from genom.app.directory import open_directory
from genom.app.node import Node
from genom.app.pages.mount import build_pages
from genom.app.routes import all_routes
from genom.app.server import App
from genom.app.snapshot import live_snapshot, write_state_file
from genom.app.verify import Report, verify_file
from genom.consent import load_purposes
from genom.genome import state_files
from genom.settings import Settings
from tests.app.events import Event

T = TypeVar("T")

START = 1_772_452_800_000  # Monday 2 March 2026, 12:00 UTC, unix ms
HOUR, DAY = 3_600_000, 86_400_000  # ms
ROOM: dict[str, Any] = {"people_max": 500, "segment_bytes": 1 << 20, "dedupe_entries": 100_000}


def once(function: Callable[..., T]) -> Callable[..., T]:
    """The function with a memory: the built-in tables are read once, and not at each of a thousand starts."""
    known: dict[tuple[object, ...], tuple[tuple[Any, ...], T]] = {}

    def remembered(*given: Any) -> T:
        if any(isinstance(one, Path) for one in given):
            return function(*given)
        key = tuple(tuple(one.items()) if isinstance(one, dict) else id(one) for one in given)
        if key not in known:
            known[key] = given, function(*given)  # what was given stays alive, so that its id stays its own
        return known[key][1]

    return remembered


def without_windows(path: Path | None = None) -> dict[str, Any]:
    """The purposes that come with Genom, each without an end in time; as the file of a directory, if one is given."""
    said: dict[str, Any] = yaml.safe_load(yaml.safe_dump(load_purposes().as_definition()))
    for purpose in said["purposes"].values():
        for window in ("read_window_days", "storage_window_days", "read_windows", "storage_windows"):
            purpose.pop(window, None)
    if path is not None:
        path.mkdir(mode=0o700, exist_ok=True)
        (path / "purposes.yaml").write_text(yaml.safe_dump(said, allow_unicode=True), "utf-8")
    return said


READ_ONCE = {name: once(getattr(node, name)) for name in ("load_purposes", "load_genes", "compile_genes")}


@dataclass(slots=True)
class Clock:
    """Stands where the node looks for the time; it moves only when a test moves it."""

    now: int = START  # unix ms, UTC

    def time_ns(self) -> int:
        return self.now * 1_000_000


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes
    cookies: tuple[str, ...] = ()  # each line that sets one

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def told(self) -> Any:
        """The JSON of an answer that must be good."""
        assert self.status == 200, (self.status, self.body)
        return self.json


class House:
    """A node on a directory, asked without a network; `with House(tmp_path) as house: …`."""

    def __init__(self, path: Path, *, clock: Clock | None = None, **settings: Any) -> None:
        self.path, self.clock, self.settings = path, clock or Clock(), Settings(**(ROOM | settings))
        self._patches, self._runner = pytest.MonkeyPatch(), asyncio.Runner()
        self._dice = Random(1)

    def __enter__(self) -> Self:
        self._patches.setattr(commit, "time", self.clock)
        self._patches.setattr(Node, "seed", lambda _: self._dice.getrandbits(64))  # chance, the same in each run
        for name, function in READ_ONCE.items():
            self._patches.setattr(node, name, function)
            self._patches.setattr(snapshot, name, function)
        self.open()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
        self._runner.close()
        self._patches.undo()

    def open(self) -> None:
        """Start as `genom up` does."""
        data = open_directory(self.path)
        try:
            self.node = Node(data, self.settings, now=self.clock.now)
        except BaseException:
            data.close()
            raise
        self.node.first_keys()
        keys = json.loads((self.path / "keys.json").read_bytes())
        self.write_key, self.server_key = keys["write_key"], keys["server_key"]
        self.run(self._serve())

    async def _serve(self) -> None:
        self.committer = Committer(self.node)
        self._commits = asyncio.create_task(self.committer.run())
        self.app = App(self.node, self.committer, all_routes())
        self.app.pages = build_pages(self.app)

    def close(self) -> None:
        """End cleanly."""
        self.run(self._end())

    async def _end(self) -> None:
        await self.committer.close()
        self._commits.cancel()
        await asyncio.gather(self._commits, return_exceptions=True)
        self.node.close()

    def restart(self) -> None:
        """Close, and open the same directory again."""
        self.close()
        self.open()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Do something in the node's loop."""
        return self._runner.run(work)

    async def ask(
        self, method: str, path: str, body: object = None, *, key: str | None = None, peer: str | None = "127.0.0.1",
        headers: Mapping[str, str] | None = None,
    ) -> Answer:  # fmt: skip
        """One request, with the server key as Bearer unless another key ("" for none) or header is given."""
        sent: list[dict[str, Any]] = []
        content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": content}

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        key = self.server_key if key is None else key
        given = ({"authorization": f"Bearer {key}"} if key else {}) | dict(headers or {})
        where, _, query = path.partition("?")
        await self.app(
            {
                "type": "http", "method": method, "path": where, "query_string": query.encode(),
                "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in given.items()],
                "client": None if peer is None else (peer, 50_000),
            },
            receive,
            send,
        )  # fmt: skip
        replied = {name.decode(): value.decode("latin-1") for name, value in sent[0]["headers"]}
        cookies = tuple(value.decode("latin-1") for name, value in sent[0]["headers"] if name == b"set-cookie")
        return Answer(sent[0]["status"], replied, b"".join(message.get("body", b"") for message in sent[1:]), cookies)

    def post(self, path: str, body: object, **how: Any) -> Answer:
        """A POST; `how` as for `ask`."""
        return self.run(self.ask("POST", path, body, **how))

    def get(self, path: str, **how: Any) -> Answer:
        """A GET; `how` as for `ask`."""
        return self.run(self.ask("GET", path, **how))

    def put(self, path: str, body: object, **how: Any) -> Answer:
        """A PUT; `how` as for `ask`."""
        return self.run(self.ask("PUT", path, body, **how))

    def sign_in(
        self, kind: Literal["console", "portal"] = "console", subject: str = "admin", *, reason: str = "a test"
    ) -> str:
        """A session; returns its cookie for `browse`.

        Whoever has another name on the console is a privacy agent, and says why they read about people.
        """
        now = self.clock.now
        if kind == "console" and subject != "admin" and not self.app.users.role(subject):
            self.app.users.add(subject, "privacy_agent", "correct horse battery", now=now)
        token = self.app.sessions.make_link(kind, subject, now=now)
        cookie = f"genom_{kind}={self.app.sessions.redeem(kind, token, now=now)}"
        if kind == "console" and subject != "admin" and reason:
            self.browse("/reason", {"reason": "other", "words": reason}, cookie=cookie)
        return cookie

    def browse(
        self, path: str, form: Mapping[str, str] | None = None, *, cookie: str = "", language: str = "en",
        headers: Mapping[str, str] | None = None,
    ) -> Answer:  # fmt: skip
        """A page as a browser asks for it, or a form as one sends it from a page of the node."""
        given = {"host": "127.0.0.1:8765", "cookie": f"genom_language={language}; {cookie}"}
        if form is None:
            return self.get(path, key="", headers=given | dict(headers or {}))
        given |= {"content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "same-origin"}
        return self.post(path, urlencode(form).encode(), key="", headers=given | dict(headers or {}))

    @staticmethod
    async def nothing() -> None:
        """Let others have a turn."""
        await asyncio.sleep(0)

    def together(self, *asked: Coroutine[Any, Any, T]) -> list[T]:
        """Requests that arrive at once."""

        async def all_of() -> list[T]:
            return list(await asyncio.gather(*asked))

        return self.run(all_of())

    @contextmanager
    def vault_locked(self) -> Iterator[None]:
        """Another process writes the vault, and the node does not wait for it."""
        self.node.vault._database.execute("PRAGMA busy_timeout = 0")
        with closing(sqlite3.connect(self.path / "vault.sqlite", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            yield
            other.execute("ROLLBACK")

    def send(self, *events: Event, **how: Any) -> Answer:
        """Events in one batch, with the write key unless another is given."""
        return self.post("/v1/batch", {"batch": list(events)}, **({"key": self.write_key} | how))

    def take(self, *events: Event, **how: Any) -> None:
        """Events that must all be accepted."""
        assert self.send(*events, **how).told == {"success": True, "accepted": len(events), "rejected": []}

    def serve(self, *events: Event, **how: Any) -> None:
        """Events that a server sends; all must be accepted."""
        self.take(*events, key=self.server_key, **how)

    def person(self, value: str, kind: str = "user_id") -> str:
        """The public id of whoever has this identifier; nothing goes on record."""
        profile = self.node.world.profiles.find(kind, value)
        assert profile, f"nobody is {kind} {value}"
        return self.node.public.name(self.node.world.people.person(profile))

    def genome(self, value: str, *, kind: str = "user_id", **asked: str) -> dict[str, Any]:
        """Gene → its value or cells, or the reason why it has none, of the person whom an identifier names."""
        query = "&".join(f"{name}={text}" for name, text in asked.items())
        told = self.get(f"/v1/people/{self.person(value, kind)}/genome?{query}").told
        return {"as_of": told["as_of"]} | {g["id"]: g.get("cells") or g.get("value", g["state"]) for g in told["genes"]}

    def orders(self, value: str, *, kind: str = "user_id", **asked: str) -> Any:
        """How many orders the genome knows of, or why it says nothing."""
        return self.genome(value, kind=kind, **asked)["rhythm.orders.count.lifetime"]

    def consent(self, value: str, purpose: str, *, granted: bool, kind: str = "user_id") -> None:
        """Record a choice."""
        self.post("/v1/consent", {"type": kind, "value": value, "purpose": purpose, "granted": granted}).told  # noqa: B018

    def unlink(self, value: str, kind: str = "user_id") -> list[str]:
        """Split an identifier from its person."""
        persons: list[str] = self.post("/v1/people:unlink", {"type": kind, "value": value}).told["persons"]
        return persons

    def decide(self, value: str, point: str = "next_product", n: int = 3) -> dict[str, Any]:
        """Ask for a decision; returns its record, which is known to be durable."""
        body = {"point": point, "person": {"user_id": value}, "n": n}
        record: dict[str, Any] = self.get(f"/v1/decisions/{self.post('/v1/decide', body).told['decision_id']}").told
        return record

    def source(self, name: str, **how: Any) -> tuple[str, str]:
        """A new source: its write key and its secret in hexadecimal digits."""
        told = self.post("/v1/sources", {"name": name} | how).told
        return told["write_key"], told["secret"]

    def write_state(self) -> Path:
        """The state file that the worker would write now."""
        write_state_file(self.path, self.node.data.secrets, self.settings, list(self.node.sources.values()))
        return state_files(self.path / "state")[0]

    def verify(self, state: Path | None = None) -> Report:
        """Compare the living memory, or a state file, with a refold of the journal."""
        if state is None:
            state = self.path / "live" / self.run(live_snapshot(self.node, self.committer))["file"]
        sources = list(self.node.sources.values())
        return verify_file(state, self.path, self.node.data.secrets, self.settings, sources, now=self.clock.now)
