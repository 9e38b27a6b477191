"""The builder of segments: a form that is the whole state, counted anew at each change, with and without scripts."""

from __future__ import annotations

from dataclasses import replace

from starlette.responses import Response

from genom.console.page import Route
from genom.console.segments import Segments
from genom.console.segments_fields import faults_of
from genom.console.segments_form import LEVELS
from genom.console.segments_state import PATH, State, asked, sent, tried
from genom.console.visit import Visit
from genom.errors import GenomError

__all__ = ["builder_routes"]


def builder_routes(segments: Segments) -> tuple[Route, ...]:
    """The builder, and the people whom a rule means."""

    async def opened(visit: Visit) -> Response:
        return _rendered(visit, await tried(asked(visit, segments), segments))

    async def acted(visit: Visit) -> Response:
        state, act = await sent(visit, segments)
        state = await tried(state, segments)
        if act == "save":
            return await _saved(visit, state, segments)
        if not visit.partial:
            return visit.go(state.address())
        return _rendered(visit, state, results=act == "typed")

    async def people(visit: Visit) -> Response:
        state, found = asked(visit, segments), None
        if not faults_of(state.tree, state.fields, visit.language):
            found = await segments.people(state.id, state.fields.purpose, state.rule, language=visit.language)
        return visit.render("segments/people.html", people=found, back=state.address())

    return (
        Route(path=PATH, handler=opened, right="segments.write"),
        Route(path=PATH, handler=acted, method="POST", right="segments.write"),
        Route(path="/segments/_people", handler=people, right="people.read"),
    )


async def _saved(visit: Visit, state: State, segments: Segments) -> Response:
    missing = {key: "label" for key in ("label_en", "label_de") if not state.named[key]}
    if state.faults or missing or state.refused:
        return _rendered(visit, replace(state, faults={**state.faults, **missing}), status=400)
    body = {
        "id": state.id, "label": {"en": state.named["label_en"], "de": state.named["label_de"]},
        "purpose": state.fields.purpose, "rule": state.rule, "description": state.named["description"],
    }  # fmt: skip
    try:
        name = await segments.save(body, by=f"console:{visit.subject}")
    except GenomError as error:
        return _rendered(visit, replace(state, refused=error), status=error.status)
    return visit.go(f"/segments/{name}?done=saved")


def _rendered(visit: Visit, state: State, *, results: bool = False, status: int = 200) -> Response:
    part = "segments/results.html" if results else "segments/form.html"
    template = part if visit.partial else "segments/builder.html"
    return visit.render(template, status=status, state=state, levels=LEVELS)
