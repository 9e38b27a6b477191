"""The records of processing of a node: what its configuration says, and who has signed it."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from genom.app.activating.destinations import stored_destinations
from genom.app.node import Node
from genom.app.reading import rfc3339
from genom.app.roles import ROLES
from genom.consent import STORED
from genom.privacy.records import Activity, Configured, Outside, configuration_hash, records_of

__all__ = ["Signature", "configured_of", "records_text", "sign_records", "signature_of"]

_KEPT: Final = "records_signed"  # in the catalogue


class Signature(msgspec.Struct, frozen=True):
    """Who has signed the records, and whether they are as they were then."""

    by: str
    at: int  # unix ms, UTC; 0 = never
    hash: str
    stale: bool  # never signed, or the configuration is another now


def configured_of(node: Node) -> Configured:
    """Everything that the records are written from."""
    genes, segments = node.world.layout.genes, node.segments.newest()
    questions, tags, regions = node.models.purposes(), node.desk.tags, node.purposes.regions
    return Configured(
        activities=[
            Activity(
                name=one.name,
                text=one.text,
                basis=one.basis if regions is None else {name: one.basis_in([name]) for name in regions.names},
                balancing=one.balancing,
                categories=one.categories,
                recipients=one.recipients,
                consent=(one.lifetime.months, one.lifetime.days) if one.needs_consent else None,
                read_days=one.read_window_days,
                storage_days=one.storage_window_days,
                by_category={
                    category: (one.read_days(category), one.storage_days(category))
                    for category in STORED
                    if {category} & (one.read_windows.keys() | one.storage_windows.keys())
                },
                decision_days=one.decision_days,
                decision_class=one.decision_class or "",
                minors=one.minors,
                special=one.special_categories,
                dpia=one.dpia,
                genes=sum(not gene.purposes or one.name in gene.purposes for gene in genes)
                if one.name in genes.purposes
                else 0,
                points=sorted(point.id for point in node.points.values() if one.name in {point.purpose, *point.also}),
                models=sorted(name for name, purpose in questions.items() if purpose == one.name),
                segments=sum(segment.purpose == one.name for segment in segments),
            )
            for one in node.purposes.every
        ],
        sources=sorted(
            (source.name, "development" if source.consent else "required") for source in node.sources.values()
        ),
        destinations=[
            Outside(
                name=one.id,
                recipient=one.recipient,
                country=one.country,
                contract=one.contract,
                transfer=one.transfer,
                purposes=one.purposes,
                sent=one.send,
            )
            for one in (kept.destination for kept in stored_destinations(node).values() if not kept.removed)
        ],
        roles={role: sorted(rights) for role, rights in ROLES.items()},
        bad_row_days=node.settings.bad_row_days,
        model_days=node.settings.model_days,
        tagged=sorted(tags.wide | tags.narrow | tags.events),
        things=len(tags.items),
        tagged_for=node.purposes.names_of(node.purposes.of_special),
        regions=None if regions is None else (regions.field, regions.countries),
    )


def records_text(node: Node, *, language: str) -> str:
    """The records as Markdown."""
    kept = node.catalogue.get(_KEPT)
    signed = kept and kept | {"at": rfc3339(kept["at"])[:10]}
    return records_of(configured_of(node), language=language, signed=signed)


def signature_of(node: Node) -> Signature:
    """Who signed, and whether it still holds."""
    kept: dict[str, Any] = node.catalogue.get(_KEPT) or {"by": "", "at": 0, "hash": ""}
    return Signature(kept["by"], kept["at"], kept["hash"], kept["hash"] != configuration_hash(configured_of(node)))


def sign_records(node: Node, *, by: str, now: int) -> Signature:
    """Somebody has read the records as they are now, and answers for them; durable when it returns."""
    node.catalogue.put(_KEPT, {"by": by, "at": now, "hash": configuration_hash(configured_of(node))})
    return signature_of(node)
