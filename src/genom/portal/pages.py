"""The five pages: what we know, why, choices, tell us, your data; and the last one, when all of it is erased."""

from __future__ import annotations

from typing import Final, Literal

from starlette.responses import Response

from genom.errors import BadRequest, NotPermitted
from genom.portal.port import Port
from genom.portal.visit import COOKIE, Visit

__all__ = [
    "ask",
    "asking",
    "choices",
    "choose",
    "copy",
    "data",
    "erase",
    "erased",
    "erasing",
    "know",
    "pause",
    "state",
    "tell",
    "telling",
    "why",
]

_WORDS: Final[dict[str, Literal["like", "dislike", "withdraw"]]] = {
    "like": "like",
    "dislike": "dislike",
    "withdraw": "withdraw",
}


async def know(visit: Visit, port: Port, person: str) -> Response:
    """What we know, in sentences by family."""
    return visit.render("know.html", known=await port.known(person, language=visit.language))


async def why(visit: Visit, port: Port, person: str) -> Response:
    """The last decisions in plain words."""
    return visit.render("why.html", decisions=await port.decided(person, language=visit.language))


async def choices(visit: Visit, port: Port, person: str) -> Response:
    """A switch for each purpose."""
    found = await port.choices(person, language=visit.language)
    return visit.render("choices.html", choices=found, done=visit.asked("done"))


async def choose(visit: Visit, port: Port, person: str) -> Response:
    """One switch was turned."""
    form = await visit.form()
    purpose, on = form.get("purpose", ""), form.get("on")
    if on not in {"yes", "no"}:
        raise BadRequest("The switch says neither on nor off.", why="the form lacks it", fix="press the switch again")
    await port.choose(person, purpose, on=on == "yes", actor=visit.actor)
    return visit.go("/me/choices", place=f"purpose-{purpose}", done=purpose)


async def pause(visit: Visit, port: Port, person: str) -> Response:
    """Pause everything, or resume."""
    form = await visit.form()
    await port.pause(person, on=form.get("pause") == "yes", actor=visit.actor)
    return visit.go("/me/choices", done="pause" if form.get("pause") == "yes" else "resume")


async def data(visit: Visit, port: Port, person: str) -> Response:
    """What a copy of everything would hold."""
    return visit.render(
        "data.html", held=await port.holdings(person, cookie=visit.cookie, language=visit.language), stale=False
    )


async def copy(visit: Visit, port: Port, person: str) -> Response:
    """The copy as a file; a session that began long ago is asked to come by a new link first."""
    try:
        packed = await port.copy(person, cookie=visit.cookie, language=visit.language, actor=visit.actor)
    except NotPermitted:
        held = await port.holdings(person, cookie=visit.cookie, language=visit.language)
        return visit.render("data.html", status=403, held=held, stale=True)
    name = "meine-daten.zip" if visit.language == "de" else "my-data.zip"
    headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}
    return Response(packed, media_type="application/zip", headers=headers)


async def erasing(visit: Visit, port: Port, person: str) -> Response:
    """What would go and what would stay, and the button."""
    return visit.render(
        "erase.html", held=await port.holdings(person, cookie=visit.cookie, language=visit.language), problem=""
    )


async def erase(visit: Visit, port: Port, person: str) -> Response:
    """Everything about the person is erased, if they confirm it in a session that has just begun."""
    form = await visit.form()
    problem = "" if form.get("sure") == "yes" else "sure"
    if not problem:
        try:
            receipt = await port.erase(person, cookie=visit.cookie, actor=visit.actor)
        except NotPermitted:
            problem = "stale"
        else:
            reply = visit.go("/me/erased", receipt=receipt)
            reply.delete_cookie(COOKIE, path="/me")
            return reply
    held = await port.holdings(person, cookie=visit.cookie, language=visit.language)
    return visit.render("erase.html", status=403 if problem == "stale" else 400, held=held, problem=problem)


async def erased(visit: Visit, port: Port) -> Response:
    """The receipt of an erasure, for whoever knows its id: it names nobody."""
    erasure = await port.erasure(visit.asked("receipt"))
    if visit.asked("file"):
        headers = {"content-disposition": f'attachment; filename="{erasure.id}.json"', "cache-control": "no-store"}
        return Response(erasure.file, media_type="application/json", headers=headers)
    return visit.render("erased.html", erasure=erasure)


async def asking(visit: Visit, port: Port, person: str) -> Response:
    """What the person has asked for, with its date, and a form to ask for more."""
    found = await port.asking(person, cookie=visit.cookie, language=visit.language)
    return visit.render("requests.html", asking=found, done=visit.asked("done"), problem=False)


async def ask(visit: Visit, port: Port, person: str) -> Response:
    """The person asks for something."""
    form = await visit.form()
    kind, note = form.get("kind", ""), form.get("note", "")
    try:
        stale = await port.ask(person, kind, note=note, cookie=visit.cookie, actor=visit.actor)
    except BadRequest:
        found = await port.asking(person, cookie=visit.cookie, language=visit.language)
        return visit.render("requests.html", status=400, asking=found, done="", problem=True)
    return visit.go("/me/requests", done="stale" if stale else kind)


async def telling(visit: Visit, port: Port, person: str) -> Response:
    """What the person told us and may tell."""
    found = await port.telling(person, language=visit.language)
    return visit.render("tell.html", telling=found, done=visit.asked("done"))


async def tell(visit: Visit, port: Port, person: str) -> Response:
    """The person likes something, is not interested, or takes that back."""
    form = await visit.form()
    word, thing = _WORDS.get(form.get("word", "")), form.get("thing", "")
    if word is None or not thing:
        raise BadRequest("Nothing was chosen.", why="the form names no category", fix="choose one and press the button")
    await port.tell(person, thing, word=word, actor=visit.actor)
    return visit.go("/me/tell", done=word)


async def state(visit: Visit, port: Port, person: str) -> Response:
    """The person answered a question, or takes the answer back."""
    form = await visit.form()
    value = form.get("value", "")
    await port.state(person, form.get("question", ""), value=value, actor=visit.actor)
    return visit.go("/me/tell", done="answer" if value else "withdraw")
