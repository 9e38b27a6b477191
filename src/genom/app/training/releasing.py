"""Which version of a model serves: decided by people, on record, in effect at once."""

from __future__ import annotations

import asyncio

from genom.app import audit
from genom.app.commit import now_ms
from genom.app.node import Node
from genom.app.training.questions import MODELS
from genom.errors import NotFound
from genom.learn import Known, approve, known_versions, model_names, roll_back

__all__ = ["release", "versions_of_model"]


async def versions_of_model(node: Node, name: str) -> list[Known]:
    """The versions of a model; raises NotFound."""

    def read() -> list[Known]:
        directory = node.data.path / MODELS
        if name not in model_names(directory):
            raise NotFound(
                f"There is no model named {name[:80]!r}.",
                why=f"the registry holds {', '.join(model_names(directory)) or 'none'}",
                fix="train it with `genom learn`",
            )
        return known_versions(directory, name, now=now_ms(), most_days=node.settings.model_days)

    return await asyncio.to_thread(read)


async def release(
    node: Node, name: str, version: str | None = None, *, by: str, reason: str = "", back: bool = False
) -> str:
    """Make a version serve: the newest that waits unless one is named, or `back` the one that did before.

    Returns it.  Raises NotFound, or BadRequest if it cannot be served.
    """
    return await asyncio.to_thread(_release, node, name, version, by=by, reason=reason, back=back)


def _release(node: Node, name: str, version: str | None, *, by: str, reason: str, back: bool) -> str:
    directory, now, most = node.data.path / MODELS, now_ms(), node.settings.model_days
    if back:
        chosen, before = roll_back(directory, name, by=by, now=now, most_days=most)
    else:
        chosen, before = approve(directory, name, version, by=by, now=now, most_days=most)
    action = "model.rolled_back" if back else "model.approved"
    details: dict[str, audit.Detail] = {"version": chosen, "served_before": before}
    audit.record(node.catalogue, action, who=by, kind="model", name=name, at=now, reason=reason, details=details)
    node.models.refresh(now=now)
    return chosen
