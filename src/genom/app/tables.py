"""The catalogue's tables and the numbered steps that made them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import sqlalchemy as sa

__all__ = [
    "META",
    "MIGRATIONS",
    "actions",
    "art9_products",
    "audit",
    "audit_heads",
    "definitions",
    "erasures",
    "keys",
    "links",
    "list_reads",
    "meta",
    "outbox",
    "products",
    "requests",
    "sessions",
    "sources",
    "users",
]

META: Final = sa.MetaData()

meta = sa.Table(
    "meta", META, sa.Column("key", sa.String, primary_key=True), sa.Column("value", sa.String, nullable=False)
)

sources = sa.Table(
    "sources",
    META,
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("name", sa.String, nullable=False, unique=True),
    sa.Column("consent", sa.Integer, nullable=False),  # ConsentMode
    sa.Column("history", sa.Boolean, nullable=False),
    sa.Column("trusts_links", sa.Boolean, nullable=False),
    sa.Column("secret", sa.LargeBinary, nullable=False),  # for context.userHash
    sa.Column("since", sa.Integer, nullable=False, server_default="0"),  # unix ms; last entered development mode
    sa.Column("app_id", sa.Integer, nullable=False, server_default="0"),  # 1: trackers that send its name need no key
)

keys = sa.Table(
    "keys",
    META,
    sa.Column("digest", sa.String, primary_key=True),  # SHA-256 of the key
    sa.Column("kind", sa.String, nullable=False),  # write or server
    sa.Column("name", sa.String, nullable=False),
    sa.Column("source", sa.Integer, nullable=False),
    sa.Column("purpose", sa.String, nullable=False),
    sa.Column("role", sa.String, nullable=False, server_default=""),  # of a key that a person made; "" = it has none
    sa.Column("purposes", sa.String, nullable=False, server_default=""),  # separated by spaces; "" = all
    sa.Column("reason", sa.String, nullable=False, server_default=""),  # why its holder reads people
    sa.Column("at", sa.Integer, nullable=False, server_default="0"),  # unix ms, UTC; when it was made
)

users = sa.Table(
    "users",
    META,
    sa.Column("name", sa.String, primary_key=True),
    sa.Column("role", sa.String, nullable=False),
    sa.Column("password", sa.String, nullable=False),  # Argon2id in PHC form
    sa.Column("at", sa.Integer, nullable=False),  # unix ms, UTC
)

definitions = sa.Table(
    "definitions",
    META,
    sa.Column("kind", sa.String, primary_key=True),
    sa.Column("name", sa.String, primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),
    sa.Column("body", sa.String, nullable=False),  # JSON
    sa.Column("author", sa.String, nullable=False),
    sa.Column("at", sa.Integer, nullable=False),  # unix ms, UTC
)

products = sa.Table(
    "products",
    META,
    sa.Column("product_id", sa.String, primary_key=True),
    sa.Column("name", sa.String, nullable=False),
    sa.Column("category_1", sa.String, nullable=False),
    sa.Column("category_2", sa.String, nullable=False),
    sa.Column("brand", sa.String, nullable=False),
    sa.Column("source", sa.String, nullable=False, server_default=""),  # who sent it last; "" = before it was kept
)

art9_products = sa.Table(
    "art9_products",
    META,
    sa.Column("product_id", sa.String, primary_key=True),  # what it is tells of health, belief or the like
)

actions = sa.Table(
    "actions",
    META,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("point", sa.String, nullable=False),
    sa.Column("body", sa.String, nullable=False),  # JSON
    sa.Column("source", sa.String, nullable=False, server_default=""),  # who sent it last; "" = before it was kept
)

links = sa.Table(
    "links",
    META,
    sa.Column("digest", sa.String, primary_key=True),  # SHA-256 of the one-time token
    sa.Column("kind", sa.String, nullable=False),  # console or portal
    sa.Column("subject", sa.String, nullable=False),  # whom it signs in
    sa.Column("ends", sa.Integer, nullable=False),  # unix ms, UTC
    sa.Column("maker", sa.String, nullable=False, server_default=""),  # who made it for themselves; "" = the subject
    sa.Column("confirmed", sa.String, nullable=False, server_default=""),  # how the shop knew the subject: login, mail
)

sessions = sa.Table(
    "sessions",
    META,
    sa.Column("digest", sa.String, primary_key=True),  # SHA-256 of the cookie's token
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("subject", sa.String, nullable=False),
    sa.Column("ends", sa.Integer, nullable=False),  # unix ms, UTC
    sa.Column("maker", sa.String, nullable=False, server_default=""),  # of the link that it came of
    sa.Column("confirmed", sa.String, nullable=False, server_default=""),  # of the link
)

audit = sa.Table(
    "audit",
    META,
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("at", sa.Integer, nullable=False),  # unix ms, UTC
    sa.Column("who", sa.String, nullable=False),
    sa.Column("action", sa.String, nullable=False),
    sa.Column("kind", sa.String, nullable=False),  # of the object
    sa.Column("name", sa.String, nullable=False),  # the object's public id or name
    sa.Column("reason", sa.String, nullable=False),
    sa.Column("details", sa.String, nullable=False),  # JSON
    sa.Column("previous", sa.String, nullable=False),  # hash of the row before
    sa.Column("hash", sa.String, nullable=False),  # as `genom.privacy.deeds` computes it
    sa.Column("name_salt", sa.String, nullable=False, server_default=""),
    sa.Column("text_salt", sa.String, nullable=False, server_default=""),
    sa.Column("name_proof", sa.String, nullable=False, server_default=""),
    sa.Column("text_proof", sa.String, nullable=False, server_default=""),
    sa.Column("redacted", sa.Integer, nullable=False, server_default="0"),  # number of the row that tells of it
    sqlite_autoincrement=True,
)

audit_heads = sa.Table(
    "audit_heads",
    META,
    sa.Column("rows", sa.Integer, primary_key=True),  # number of the newest row then
    sa.Column("hash", sa.String, nullable=False),
    sa.Column("at", sa.Integer, nullable=False),  # unix ms, UTC
    sa.Column("public_key", sa.String, nullable=False),
    sa.Column("signature", sa.String, nullable=False),
    sa.Column("anchored_at", sa.Integer, nullable=False),  # unix ms; 0 = not
    sa.Column("first", sa.Integer, nullable=False, server_default="0"),  # first row under the root; 0 = it has none
    sa.Column("root", sa.String, nullable=False, server_default=""),  # Merkle root over rows `first` to `rows`
)

list_reads = sa.Table(
    "list_reads",
    META,
    sa.Column("piece", sa.Integer, primary_key=True),  # number of a profile, without its lowest 16 bits
    sa.Column("row", sa.Integer, primary_key=True),  # of the audit log
    sa.Column("people", sa.LargeBinary, nullable=False),  # zlib of 65,536 bits: who stood in the list
)

erasures = sa.Table(
    "erasures",
    META,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("at", sa.Integer, nullable=False),  # unix ms, UTC
    sa.Column("work", sa.String, nullable=False),  # JSON of whom to erase; "" once it is done
    sa.Column("receipt", sa.String, nullable=False),  # JSON, names nobody
)

requests = sa.Table(
    "requests",
    META,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("state", sa.String, nullable=False),
    sa.Column("subject", sa.String, nullable=False, index=True),  # public id; "" once the person is erased
    sa.Column("region", sa.String, nullable=False),
    sa.Column("asked_at", sa.Integer, nullable=False),  # unix ms, UTC
    sa.Column("due_at", sa.Integer, nullable=False),  # unix ms, UTC
    sa.Column("note", sa.String, nullable=False),
    sa.Column("via", sa.String, nullable=False),
    sa.Column("proof", sa.String, nullable=False),
    sa.Column("extended", sa.String, nullable=False),
    sa.Column("answer", sa.String, nullable=False),
    sa.Column("handled_by", sa.String, nullable=False),
    sa.Column("receipt", sa.String, nullable=False),  # id of the erasure
    sa.Column("done_at", sa.Integer, nullable=False),  # unix ms, UTC; 0 = not yet
    sa.Column("checked_at", sa.Integer, nullable=False, server_default="0"),  # of the proof; 0 = somebody said so
)

outbox = sa.Table(
    "outbox",
    META,
    sa.Column("destination", sa.String, primary_key=True),
    sa.Column("id", sa.String, primary_key=True),  # what the recipient knows the person by
    sa.Column("person", sa.Integer, nullable=False, index=True),  # number; 0 = erased
    sa.Column("state", sa.String, nullable=False),
    sa.Column("since", sa.Integer, nullable=False),  # unix ms, UTC
    sa.Column("next_at", sa.Integer, nullable=False),  # unix ms, UTC
    sa.Column("told_at", sa.Integer, nullable=False),  # unix ms, UTC; 0 = the recipient has not heard of the person
    sa.Column("job", sa.String, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("why", sa.String, nullable=False),
    sa.Column("round", sa.Integer, nullable=False),  # grows with each change: an answer to an older state is dropped
)


def _first(connection: sa.Connection) -> None:
    META.create_all(connection)


def _second(connection: sa.Connection) -> None:
    """Sources know when they entered development mode; a catalogue made by step 1 of today has the column."""
    _add_columns(connection, "sources", [], ["since"])


def _third(connection: sa.Connection) -> None:
    """Pages have sessions."""
    META.create_all(connection, tables=[links, sessions])


def _fourth(connection: sa.Connection) -> None:
    """Links and sessions know who made them; those of before were the subject's own."""
    for table in (links, sessions):
        _add_columns(connection, table.name, ["maker"], [])


def _fifth(connection: sa.Connection) -> None:
    """Deeds are on record, and the database takes none back."""
    META.create_all(connection, tables=[audit])
    for deed in ("UPDATE", "DELETE"):
        connection.exec_driver_sql(
            f"CREATE TRIGGER IF NOT EXISTS audit_no_{deed.lower()} BEFORE {deed} ON audit "
            "BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END"
        )


def _sixth(connection: sa.Connection) -> None:
    """Erasures are durable intents, and then receipts."""
    META.create_all(connection, tables=[erasures])


def _seventh(connection: sa.Connection) -> None:
    """Keys may have a role and purposes; people have passwords."""
    META.create_all(connection, tables=[users])
    _add_columns(connection, "keys", ["role", "purposes", "reason"], ["at"])


def _eighth(connection: sa.Connection) -> None:
    """Requests of people."""
    META.create_all(connection, tables=[requests])


def _audit_heads(connection: sa.Connection) -> None:
    """Heads of the audit log are signed."""
    META.create_all(connection, tables=[audit_heads])


def _redactable(connection: sa.Connection) -> None:
    """Rows of the audit log may lose name and words, and nothing else; heads have Merkle roots."""
    _add_columns(connection, "audit", ["name_salt", "text_salt", "name_proof", "text_proof"], ["redacted"])
    _add_columns(connection, "audit_heads", ["root"], ["first"])
    fixed = ("number", "at", "who", "action", "kind", "previous", "hash", "name_proof", "text_proof")
    same = " AND ".join(f"NEW.{column} IS OLD.{column}" for column in fixed)
    name = "(NEW.name, NEW.name_salt) IN (VALUES (OLD.name, OLD.name_salt), ('', ''))"
    words = "(NEW.reason, NEW.details, NEW.text_salt) = ('', '{}', '')"
    told = "NEW.redacted = (SELECT max(number) FROM audit) AND NEW.redacted > OLD.redacted"
    told += " AND OLD.action <> 'audit.redacted'"
    connection.exec_driver_sql("DROP TRIGGER IF EXISTS audit_no_update")
    connection.exec_driver_sql(
        f"CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit WHEN NOT ({same} AND {name} AND {words} AND {told}) "
        "BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END"
    )


def _list_reads(connection: sa.Connection) -> None:
    """People see who read a list in which they stood."""
    META.create_all(connection, tables=[list_reads])


def _outbox(connection: sa.Connection) -> None:
    """People at destinations."""
    META.create_all(connection, tables=[outbox])


def _art9(connection: sa.Connection) -> None:
    """Products may be tagged as special categories of data."""
    META.create_all(connection, tables=[art9_products])


def _checked_proofs(connection: sa.Connection) -> None:
    """What Genom itself has checked of who asks stands apart from what somebody said."""
    _add_columns(connection, "links", ["confirmed"], [])
    _add_columns(connection, "sessions", ["confirmed"], [])
    _add_columns(connection, "requests", [], ["checked_at"])


def _owned(connection: sa.Connection) -> None:
    """Products and actions know who sent them, so that removing the sample leaves the others."""
    _add_columns(connection, "products", ["source"], [])
    _add_columns(connection, "actions", ["source"], [])


def _app_ids(connection: sa.Connection) -> None:
    """Sources may be open to trackers that know their name."""
    _add_columns(connection, "sources", [], ["app_id"])


def _add_columns(connection: sa.Connection, table: str, texts: list[str], numbers: list[str]) -> None:
    known = {column["name"] for column in sa.inspect(connection).get_columns(table)}
    kinds = dict.fromkeys(texts, "VARCHAR NOT NULL DEFAULT ''") | dict.fromkeys(numbers, "INTEGER NOT NULL DEFAULT 0")
    for column, kind in kinds.items():
        if column not in known:
            connection.exec_driver_sql(f'ALTER TABLE {table} ADD COLUMN "{column}" {kind}')


MIGRATIONS: Final[list[Callable[[sa.Connection], None]]] = [
    _first,
    _second,
    _third,
    _fourth,
    _fifth,
    _sixth,
    _seventh,
    _eighth,
    _audit_heads,
    _redactable,
    _list_reads,
    _outbox,
    _art9,
    _checked_proofs,
    _owned,
    _app_ids,
]
"""Step n brings schema n to n + 1; a released step is never changed."""
