"""Webhooks in the catalogue: every version with author and time; their secrets lie apart, sealed."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import msgspec

from genom.app import audit
from genom.app.catalogue import forget
from genom.collect.webhooks import IDENTIFIERS, Webhook, named, read_webhook
from genom.errors import BadConfiguration, BadRequest, NotFound, nearest
from genom.keys.wrapped import unwrapped, wrapped
from genom.typed import converted

if TYPE_CHECKING:
    from genom.app.node import Node

__all__ = ["Declared", "Kept", "define_webhooks", "places_of", "remove_webhook", "secret_of", "stored_webhooks"]

KIND: Final = "webhook"
_MOST: Final = 50  # webhooks of a node
_REMOVED: Final = "removed"
_SECRET: Final = (8, 500)  # characters


class Kept(msgspec.Struct, frozen=True):
    """A webhook and its version."""

    webhook: Webhook
    version: int


class Declared(msgspec.Struct, frozen=True):
    """A webhook that was declared, and its secret if Genom has made it."""

    webhook: Webhook
    version: int
    made: str


def stored_webhooks(node: Node) -> dict[str, Kept]:
    """The webhooks that take something, by name."""
    return {
        name: Kept(converted(body["webhook"], Webhook), version)
        for name, (version, body) in node.catalogue.all_defined(KIND).items()
        if not body.get(_REMOVED)
    }


def define_webhooks(node: Node, bodies: Sequence[dict[str, Any]], *, author: str, now: int) -> list[Declared]:
    """Check all, then keep those that changed as new versions.  Raises BadRequest that tells the path.

    A `secret` beside the declaration is kept; without one the present secret stays, and a new webhook gets one.
    """
    sources = [source.name for source in node.sources.values()]
    given = []
    for i, body in enumerate(bodies):
        said = dict(body)
        secret = said.pop("secret", None)
        given.append((read_webhook(said, sources, f"$.webhooks[{i}]"), _checked(secret, f"$.webhooks[{i}].secret")))
    known = stored_webhooks(node)
    if (many := len(known.keys() | {webhook.name for webhook, _ in given})) > _MOST:
        raise BadRequest(f"There would be {many} webhooks.", why=f"a node keeps {_MOST}", fix="remove some first")
    return [_kept(node, webhook, secret, author=author, now=now) for webhook, secret in given]


def _checked(secret: Any, where: str) -> str:
    if secret is None:
        return ""
    if type(secret) is not str or not _SECRET[0] <= len(secret) <= _SECRET[1] or not secret.isprintable():
        raise BadRequest(
            f"{where}: it cannot be used.",
            why=f"a secret is a text of {_SECRET[0]} to {_SECRET[1]} characters",
            fix="write it as the sender shows it, or leave it out and Genom makes one",
            code="webhook.refused",
        )
    return secret


def _kept(node: Node, webhook: Webhook, secret: str, *, author: str, now: int) -> Declared:
    made = ""
    old = _sealed(node, webhook.name)
    if not secret and old is None:
        secret = made = secrets.token_urlsafe(32)
    if secret and (old is None or secret_of(node, webhook.name) != secret.encode()):
        node.catalogue.put(_place(webhook.name), wrapped(_key(node), secret.encode(), about=webhook.name.encode()))
        changed = True
    else:
        changed = False
    before = stored_webhooks(node).get(webhook.name)
    body = {"webhook": msgspec.to_builtins(webhook)}
    version = node.catalogue.define(KIND, webhook.name, body, author=author, at=now)
    if changed or before is None or before.version != version:
        details: dict[str, Any] = {
            "version": version,
            "source": webhook.source,
            "secret": "changed" if changed else "as it was",
        }
        audit.record(
            node.catalogue, "webhook.defined", who=f"key:{author}", kind=KIND, name=webhook.name, at=now,
            details=details,
        )  # fmt: skip
    return Declared(webhook, version, made)


def remove_webhook(node: Node, name: str, *, author: str, now: int) -> None:
    """It takes nothing any more, and its secret is gone.  Raises NotFound."""
    known = stored_webhooks(node)
    if name not in known:
        raise NotFound(
            f"There is no webhook {name[:60]!r}.",
            why="it was never declared, or it was removed",
            fix=nearest(name, known) or "see `genom webhook list`",
            code="webhook.not-found",
        )
    body = {"webhook": msgspec.to_builtins(known[name].webhook), _REMOVED: True}
    node.catalogue.define(KIND, name, body, author=author, at=now)
    with node.catalogue.begin() as connection:
        forget(connection, _place(name))
    audit.record(node.catalogue, "webhook.removed", who=f"key:{author}", kind=KIND, name=name, at=now)


def places_of(node: Node) -> list[tuple[str, Callable[[object], list[Any]]]]:
    """Where webhooks look for identifiers of people, those that were removed too: type, and what finds the values."""
    kept = [converted(body["webhook"], Webhook) for _, body in node.catalogue.all_defined(KIND).values()]
    return [(kind, partial(named, webhook, field)) for webhook in kept for field, kind in IDENTIFIERS.items()]


def secret_of(node: Node, name: str) -> bytes:
    """What signs the bodies of a webhook.  Raises BadConfiguration if it does not open."""
    sealed = _sealed(node, name)
    secret = unwrapped(_key(node), sealed, about=name.encode()) if sealed else None
    if secret is None:
        raise BadConfiguration(
            f"The secret of the webhook {name!r} does not open.",
            why="it is missing, or was sealed under other secrets than those in keys/",
            fix="declare the webhook again with its secret",
        )
    return secret


def _sealed(node: Node, name: str) -> str | None:
    sealed: str | None = node.catalogue.get(_place(name))
    return sealed


def _place(name: str) -> str:
    return f"webhook_secret:{name}"


def _key(node: Node) -> bytes:
    """From the vault's secret, which lies under the root key: the catalogue alone opens nothing."""
    return hmac.digest(node.data.secrets.vault, b"genom.collect\0webhooks", "sha256")
