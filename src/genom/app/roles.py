"""Which role has which right: one table; every route names the right that it needs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = ["OWNER", "RESERVED", "RIGHTS", "ROLES", "may_give", "rights_of", "roles_with"]

RIGHTS: Final[Mapping[str, str]] = {
    "collect": "send events",
    "decide": "ask for decisions",
    "totals.read": "counts and figures of no single person",
    "segments.read": "segments and their counts",
    "segments.write": "add, change and remove segments",
    "destinations.read": "destinations outside and their counts",
    "destinations.write": "add, change and remove destinations",
    "points.read": "decision points and their effects",
    "points.write": "change decision points and actions",
    "genes.read": "the gene set and its versions",
    "genes.write": "change the gene set",
    "models.read": "models, their cards and drift",
    "models.write": "approve models and go back",
    "people.read": "what is known of single people",
    "people.find": "find a person by an identifier",
    "people.change": "split people, record their choices, open their own pages",
    "people.erase": "erase people",
    "erasures.read": "receipts of erasures",
    "records": "records of processing",
    "requests.read": "requests of people about their data",
    "requests.write": "file and carry out such requests, up to an erasure",
    "art9.read": "what is tagged as special categories of data",
    "sources.read": "sources",
    "sources.write": "sources and their catalogues",
    "rejected.read": "refused events, masked, and how many there are of each reason",
    "rejected.raw": "refused events as they came",
    "rejected.write": "try refused events again",
    "system": "the state of the node",
    "owner": "one-time links into the console, which have every right",
    "access": "users, their roles, and keys",
    "audit.read": "the audit log and its check",
}
"""Right -> what it allows."""

OWNER: Final = "owner"
"""Who runs the machine: one-time links of the command line, and server keys without a role.  Has every right."""
ROLES: Final[Mapping[str, frozenset[str]]] = {
    "admin": frozenset(
        {
            "totals.read",
            "art9.read",
            "sources.read",
            "sources.write",
            "rejected.read",
            "rejected.write",
            "system",
            "access",
            "destinations.read",
            "destinations.write",
        }
    ),
    "marketer": frozenset(
        {"totals.read", "segments.read", "segments.write", "points.read", "points.write", "destinations.read"}
    ),
    "analyst": frozenset({"totals.read", "segments.read", "points.read", "genes.read", "models.read"}),
    "ml_engineer": frozenset({"totals.read", "genes.read", "genes.write", "models.read", "models.write"}),
    "privacy_agent": frozenset(
        {
            "totals.read",
            "people.read",
            "people.find",
            "people.change",
            "people.erase",
            "rejected.read",
            "rejected.raw",
            "rejected.write",
            "erasures.read",
            "requests.read",
            "requests.write",
        }
    ),
    "dpo": frozenset(
        {"totals.read", "art9.read", "audit.read", "records", "erasures.read", "requests.read", "destinations.read"}
    ),
}
"""Role -> its rights (P56).  `collect` and `decide` belong to keys of programs, not to people."""


RESERVED: Final = frozenset({"privacy_agent", "dpo"})
"""Roles that the owner alone gives, changes and takes away: who looks after users must not become who reads people,
nor choose who checks what users do."""


def may_give(rights: frozenset[str], role: str) -> bool:
    """Whether somebody with these rights may let others have a role.

    >>> may_give(ROLES["admin"], "marketer"), may_give(ROLES["admin"], "dpo"), may_give(rights_of(OWNER), "dpo")
    (True, False, True)
    """
    return "owner" in rights or ("access" in rights and role in ROLES and role not in RESERVED)


def rights_of(role: str) -> frozenset[str]:
    """The rights of a role; none of one that does not exist.

    >>> sorted(rights_of("analyst")), rights_of("nobody"), rights_of(OWNER) == set(RIGHTS)
    (['genes.read', 'models.read', 'points.read', 'segments.read', 'totals.read'], frozenset(), True)
    """
    return frozenset(RIGHTS) if role == OWNER else ROLES.get(role, frozenset())


def roles_with(right: str) -> list[str]:
    """The roles that have a right, as a refusal names them."""
    return sorted(role for role, rights in ROLES.items() if right in rights)
