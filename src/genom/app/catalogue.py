"""The catalogue: sources, keys, definitions, products; SQLite, one durable home for what people configure."""

from __future__ import annotations

import hashlib
import os
import secrets
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any, Final, cast

import msgspec
import sqlalchemy as sa

from genom.app.tables import META, MIGRATIONS, actions, art9_products, definitions, keys, meta, products, sources
from genom.durable import empty_log
from genom.errors import BadRequest, NotFound, UnknownFormat, nearest
from genom.words import ConsentMode, Source

__all__ = ["OPERATING", "Catalogue", "Key", "digest_of"]

OPERATING: Final = "running this node, with its operator's own key"
"""The reason that the key without a role carries, which a node begins with: the command line reads with it."""


class Key(msgspec.Struct, frozen=True):
    """What a key may do; the key itself is not stored, only its hash."""

    digest: str
    kind: str  # "write" or "server"
    name: str
    source: int  # number of the source that events sent with it belong to
    purpose: str = ""  # the purpose that a server key reads for unless a request names one
    role: str = ""  # limits a server key to the rights of this role
    purposes: tuple[str, ...] = ()  # for which it may read and decide; empty = all
    reason: str = ""  # why its holder reads people, unless a request says so
    at: int = 0  # unix ms, UTC; when it was made

    @property
    def id(self) -> str:
        """What the key is called where it is listed."""
        return self.digest[:12]


def digest_of(key: str) -> str:
    """What is stored of a key: keys are random, so a plain hash is enough, and equal time is no concern."""
    return hashlib.sha256(key.encode()).hexdigest()


class Catalogue:
    """The SQLite file of a data directory; every write is durable when it returns."""

    def __init__(self, path: Path) -> None:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        self._engine = sa.create_engine(
            f"sqlite:///{path}", connect_args={"check_same_thread": False}, poolclass=sa.StaticPool
        )
        self._lock = Lock()
        with self._engine.connect() as connection:
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON", "foreign_keys=ON"):
                connection.exec_driver_sql(f"PRAGMA {pragma}")
        self._migrate()

    def _migrate(self) -> None:
        with self._lock, self._engine.begin() as connection:
            META.create_all(connection, tables=[meta])
            done = int(connection.scalar(sa.select(meta.c.value).where(meta.c.key == "schema")) or 0)
            if done > len(MIGRATIONS):
                raise UnknownFormat(
                    f"The catalogue has schema {done}.",
                    why=f"this Genom knows {len(MIGRATIONS)}",
                    fix="use a newer Genom",
                )
            for number in range(done, len(MIGRATIONS)):
                MIGRATIONS[number](connection)
                _put(connection, "schema", number + 1)

    @contextmanager
    def begin(self) -> Iterator[sa.Connection]:
        """A transaction, for modules that keep tables of their own; it is durable when the block ends."""
        with self._lock, self._engine.begin() as connection:
            yield connection

    def shred(self) -> None:
        """What was deleted leaves the write-ahead log, too, and SQLite overwrites it in the file itself.

        Raises Busy if another process reads what was there before.
        """
        with self._lock, self._engine.connect() as connection:
            empty_log(cast("sqlite3.Connection", connection.connection.driver_connection))

    def get(self, key: str) -> Any:
        """A small value that is kept under a name, None if there is none."""
        with self._lock, self._engine.connect() as connection:
            found = connection.scalar(sa.select(meta.c.value).where(meta.c.key == key))
        return None if found is None else msgspec.json.decode(found)

    def put(self, key: str, value: Any) -> None:
        """Keep a small value under a name."""
        with self._lock, self._engine.begin() as connection:
            _put(connection, key, value)

    def sources(self) -> list[Source]:
        """All sources, by number."""
        with self._lock, self._engine.connect() as connection:
            rows = connection.execute(sa.select(sources).order_by(sources.c.number)).all()
        return [
            Source(
                r.number, r.name, ConsentMode(r.consent), r.history, r.trusts_links, r.secret, r.since, bool(r.app_id)
            )
            for r in rows
        ]

    def add_source(
        self,
        name: str,
        *,
        consent: ConsentMode,
        history: bool = False,
        trusts_links: bool = False,
        app_id: bool = False,
    ) -> tuple[Source, str]:
        """A new source and its write key.

        Raises BadRequest if the name is taken or unusable.
        """
        with self._lock, self._engine.begin() as connection:
            taken = connection.execute(sa.select(sources.c.number).where(sources.c.name == name)).first()
            if not (0 < len(name) <= 60 and name.isprintable() and name.strip() == name) or taken:
                raise BadRequest(
                    f"The source name {name[:60]!r} cannot be used.",
                    why="it is taken" if taken else "a name has 1 to 60 printable characters, no space at its ends",
                    fix="choose another name",
                )
            values = {"name": name, "consent": int(consent), "history": history, "trusts_links": trusts_links}
            values["app_id"] = int(app_id)
            result = connection.execute(sources.insert().values(**values, secret=secrets.token_bytes(32)))
            number = int((result.inserted_primary_key or [0])[0])
        return next(s for s in self.sources() if s.number == number), self.add_key("write", name=name, source=number)

    def set_source(self, name: str, **changes: Any) -> Source:
        """Change a source; raises NotFound with the nearest name."""
        known = {source.name: source for source in self.sources()}
        if name not in known:
            raise NotFound(
                f"There is no source named {name[:60]!r}.",
                why="it was never added",
                fix=nearest(name, known) or "see `genom source list`",
            )
        with self._lock, self._engine.begin() as connection:
            connection.execute(sources.update().where(sources.c.name == name).values(**changes))
        return next(source for source in self.sources() if source.name == name)

    def add_key(
        self, kind: str, *, name: str, source: int, purpose: str = "", role: str = "", purposes: Sequence[str] = (),
        reason: str = "", at: int = 0,
    ) -> str:  # fmt: skip
        """A new key; it is returned once and never stored."""
        key = f"{'wk' if kind == 'write' else 'sk'}_{secrets.token_urlsafe(24)}"
        values = {"digest": digest_of(key), "kind": kind, "name": name, "source": source, "purpose": purpose}
        values |= {"role": role, "purposes": " ".join(purposes), "reason": reason, "at": at}
        with self._lock, self._engine.begin() as connection:
            connection.execute(keys.insert().values(**values))
        return key

    def all_keys(self) -> list[Key]:
        """All keys."""
        with self._lock, self._engine.connect() as connection:
            rows = connection.execute(sa.select(keys)).all()
        return [
            Key(r.digest, r.kind, r.name, r.source, r.purpose, r.role, tuple(r.purposes.split()), _reason(r), r.at)
            for r in rows
        ]

    def remove_key(self, digest: str) -> None:
        """A key opens nothing any more."""
        with self._lock, self._engine.begin() as connection:
            connection.execute(keys.delete().where(keys.c.digest == digest))

    def define(self, kind: str, name: str, body: object, *, author: str, at: int) -> int:
        """Keep a definition as a new version unless it equals the newest; returns the version."""
        text = msgspec.json.encode(body, order="sorted").decode()
        with self._lock, self._engine.begin() as connection:
            newest = connection.execute(
                sa.select(definitions.c.version, definitions.c.body)
                .where(definitions.c.kind == kind, definitions.c.name == name)
                .order_by(definitions.c.version.desc())
            ).first()
            if newest and newest.body == text:
                return int(newest.version)
            version = int(newest.version) + 1 if newest else 1
            connection.execute(
                definitions.insert().values(kind=kind, name=name, version=version, body=text, author=author, at=at)
            )
        return version

    def defined(self, kind: str, name: str) -> Any:
        """The newest version of a definition, None if there is none."""
        with self._lock, self._engine.connect() as connection:
            body = connection.scalar(
                sa.select(definitions.c.body)
                .where(definitions.c.kind == kind, definitions.c.name == name)
                .order_by(definitions.c.version.desc())
                .limit(1)
            )
        return None if body is None else msgspec.json.decode(body)

    def all_defined(self, kind: str) -> dict[str, tuple[int, Any]]:
        """Name → newest version and body of all definitions of a kind."""
        with self._lock, self._engine.connect() as connection:
            rows = connection.execute(
                sa.select(definitions.c.name, definitions.c.version, definitions.c.body)
                .where(definitions.c.kind == kind)
                .order_by(definitions.c.name, definitions.c.version)
            ).all()
        return {row.name: (row.version, msgspec.json.decode(row.body)) for row in rows}

    def put_products(self, rows: Sequence[dict[str, Any]]) -> None:
        """Add or replace products."""
        self._replace(products, rows)

    def products(self) -> Iterable[tuple[str, str, str]]:
        """(product id, category 1, category 2) of all products."""
        with self._lock, self._engine.connect() as connection:
            return [
                tuple(r)
                for r in connection.execute(
                    sa.select(products.c.product_id, products.c.category_1, products.c.category_2)
                )
            ]

    def forget_products(self, source: str) -> None:
        """Products with their tags, and actions, that this source has sent are gone; those of others stay."""
        with self._lock, self._engine.begin() as connection:
            theirs = sa.select(products.c.product_id).where(products.c.source == source)
            connection.execute(art9_products.delete().where(art9_products.c.product_id.in_(theirs)))
            connection.execute(products.delete().where(products.c.source == source))
            connection.execute(actions.delete().where(actions.c.source == source))

    def put_actions(self, rows: Sequence[dict[str, Any]]) -> None:
        """Add or replace actions."""
        self._replace(actions, rows)

    def actions(self) -> list[dict[str, Any]]:
        """All actions, as they were defined."""
        with self._lock, self._engine.connect() as connection:
            return [
                msgspec.json.decode(r.body)
                for r in connection.execute(sa.select(actions.c.body).order_by(actions.c.id))
            ]

    def _replace(self, table: sa.Table, rows: Sequence[dict[str, Any]]) -> None:
        with self._lock, self._engine.begin() as connection:
            if rows:
                connection.execute(table.insert().prefix_with("OR REPLACE"), list(rows))

    def close(self) -> None:
        """Release the file."""
        self._engine.dispose()


def forget(connection: sa.Connection, key: str) -> None:
    """Keep nothing under a name any more, within a transaction of `Catalogue.begin`."""
    connection.execute(meta.delete().where(meta.c.key == key))


def _put(connection: sa.Connection, key: str, value: Any) -> None:
    text: Final = msgspec.json.encode(value).decode()
    connection.execute(meta.insert().prefix_with("OR REPLACE").values(key=key, value=text))


def _reason(row: Any) -> str:
    """Why a key's holder reads people; keys of before reasons were asked of the operator's own have theirs, too."""
    return str(row.reason) or (OPERATING if row.kind == "server" and not row.role else "")
