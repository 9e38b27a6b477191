"""The pages of one person: genome, identity with split, decisions, the link to the person's own page."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from urllib.parse import urljoin

from starlette.responses import Response

from genom.console.page import Page, Route
from genom.console.person import People
from genom.console.strip import BASE, HEIGHT, WIDTH, strip_drawing
from genom.console.visit import Visit

__all__ = ["person_page"]

Watch = Callable[[Visit], Awaitable[Response]]


def person_page(people: People, *, watch: Watch) -> Page:
    """The routes below `/people/{person}` and `/decisions/log`; `watch` streams what happens to a person."""

    async def genome(visit: Visit) -> Response:
        person = await people.person(
            visit.part("person"),
            purpose=visit.asked("purpose"),
            decision=visit.asked("decision"),
            language=visit.language,
        )
        family = visit.asked("family")
        return visit.render(
            "person.html",
            person=person,
            blocks=strip_drawing(person.genome.families),
            drawing=(WIDTH, HEIGHT, BASE),
            chosen=person.genome.family(family),
            all=family == "all",
            asked_decision=visit.asked("decision"),
        )

    async def identity(visit: Visit) -> Response:
        parted = [name for name in visit.asked("parted").split(",") if name.isalnum()]
        shown = await people.identity(visit.part("person"), parted=parted, language=visit.language)
        joined, asked = bool(visit.asked("joined")), visit.asked("confirm")
        return visit.render("identity.html", identity=shown, asked=asked, parted=parted, joined=joined)

    async def split(visit: Visit) -> Response:
        form = await visit.form()
        persons = await people.split(visit.part("person"), form.get("profile", ""), by=visit.subject or "")
        return visit.go(f"/people/{visit.part('person')}/identity?parted={','.join(persons)}")

    async def rejoin(visit: Visit) -> Response:
        person = await people.rejoin((await visit.form()).get("profile", ""), by=visit.subject or "")
        return visit.go(f"/people/{person}/identity?joined=1")

    async def decisions(visit: Visit) -> Response:
        head, found = await people.decisions(visit.part("person"), language=visit.language)
        return visit.render("decisions_of.html", head=head, decisions=found)

    async def decision(visit: Visit) -> Response:
        head, one = await people.decision(visit.part("decision"), language=visit.language)
        return visit.render("decision.html", head=head, one=one)

    async def own_page(visit: Visit) -> Response:
        path, minutes = await people.portal_link(visit.part("person"), by=visit.subject or "")
        head, _ = await people.decisions(visit.part("person"), language=visit.language)
        link = urljoin(str(visit.request.url), path)
        return visit.render("own_page.html", head=head, link=link, minutes=minutes)

    return Page(
        right="people.read",
        routes=(
            Route(path="/people/{person}", handler=genome),
            Route(path="/people/{person}/identity", handler=identity),
            Route(path="/people/{person}/identity", handler=split, method="POST", right="people.change"),
            Route(path="/people/{person}/identity/rejoin", handler=rejoin, method="POST", right="people.change"),
            Route(path="/people/{person}/decisions", handler=decisions),
            Route(path="/people/{person}/own-page", handler=own_page, method="POST", right="people.change"),
            Route(path="/people/{person}/stream", handler=watch),
            Route(path="/decisions/log/{decision}", handler=decision),
        ),
    )
