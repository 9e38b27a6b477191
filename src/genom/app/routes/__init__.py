"""The addresses that a node answers, a module for each subject."""

from genom.app.http import Route
from genom.app.routes import (
    access,
    admin,
    art9,
    audit,
    collect,
    consent,
    consent_state,
    decide,
    destinations,
    encryption,
    erasures,
    experiments,
    genes,
    held,
    links,
    models,
    people,
    points,
    portal,
    pulse,
    records,
    rejected,
    releases,
    requests,
    segments,
    signals,
    status,
    tag,
)

__all__ = ["all_routes"]


def all_routes() -> list[Route]:
    """Every route of a node."""
    return [
        *collect.ROUTES,
        *rejected.ROUTES,
        *people.ROUTES,
        *erasures.ROUTES,
        *held.ROUTES,
        *destinations.ROUTES,
        *encryption.ROUTES,
        *records.ROUTES,
        *requests.ROUTES,
        *consent.ROUTES,
        *consent_state.ROUTES,
        *signals.ROUTES,
        *decide.ROUTES,
        *points.ROUTES,
        *experiments.ROUTES,
        *genes.ROUTES,
        *models.ROUTES,
        *releases.ROUTES,
        *admin.ROUTES,
        *art9.ROUTES,
        *audit.ROUTES,
        *pulse.ROUTES,
        *status.ROUTES,
        *tag.ROUTES,
        *access.ROUTES,
        *links.ROUTES,
        *portal.ROUTES,
        *segments.ROUTES,
    ]
