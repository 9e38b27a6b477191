"""Questions: what shall be predicted, declared in a few lines: who, what, within, purpose."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Final, Literal

import msgspec
import yaml

from genom.errors import BadConfiguration, UnknownName, nearest
from genom.typed import converted
from genom.words import KINDS, Kind

__all__ = ["BUILT_IN", "Question", "What", "Who", "find_question", "load_questions", "need_of"]

BUILT_IN: Final = Path(__file__).with_name("questions.yaml")
TRAINING: Final = "model_training"
"""The purpose that every row a model learns from must carry beside the question's own."""

_Name = Annotated[str, msgspec.Meta(pattern="^[a-z][a-z0-9_]*$")]
_Text = Annotated[str, msgspec.Meta(min_length=1)]
_Days = Annotated[int, msgspec.Meta(ge=1, le=365)]


class Label(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A text in the two languages of the console."""

    en: _Text
    de: _Text


class Who(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The persons who are asked about: those who did something before."""

    event: str
    within_days: Annotated[int, msgspec.Meta(ge=1, le=3650)] = 3650


class What(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The one thing that counts as yes: an event, or that the person does nothing."""

    event: str = ""
    inactive: bool = False


class Question(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One question; its answer is a probability."""

    id: _Name
    family: _Name
    label: Label
    purpose: _Name
    who: Who
    what: What
    within_days: _Days
    each: Literal["", "category", "coupon"] = ""
    also: tuple[_Name, ...] = ()  # purposes that the events must carry beside the first
    release: Literal["automatic", "approval"] = "automatic"  # a new version serves if it is not worse, or waits
    trust: tuple[str, ...] = ()  # features that the leak check may not refuse: they are known to be known in time

    @property
    def purposes(self) -> tuple[str, ...]:
        """All purposes that a row must carry to be learned from."""
        return (self.purpose, *self.also, TRAINING)


def load_questions(own: Path | None = None) -> dict[str, Question]:
    """The built-in questions, and those of an own file, which win.

    Raises BadConfiguration for a file that cannot be read, an unknown key, or a question with more than one yes.

    >>> sorted(load_questions())
    ['buys_category', 'inactive_30d', 'redeems_coupon']
    """
    questions: dict[str, Question] = {}
    for path in (BUILT_IN, own):
        if path is not None and path.exists():
            questions |= _read(path)
    return questions


def find_question(questions: dict[str, Question], name: str) -> Question:
    """The question of that name; raises UnknownName with the nearest known one."""
    if name not in questions:
        raise UnknownName(
            f"There is no question named {name[:80]!r}.",
            why=f"the questions are {', '.join(sorted(questions))}",
            fix=nearest(name, questions) or "use one of these, or declare it in questions.yaml",
        )
    return questions[name]


def need_of(question: Question, bits: dict[str, int]) -> int:
    """The purpose bits that a row must have; raises BadConfiguration for a purpose that the registry lacks.

    >>> need_of(load_questions()["inactive_30d"], {"personalise_onsite": 16, "model_training": 16384})
    16400
    """
    for name in question.purposes:
        if name not in bits:
            raise BadConfiguration(
                f"The question {question.id!r} names the unknown purpose {name!r}.",
                why="purposes.yaml does not define it",
                fix=nearest(name, bits) or "use a purpose of purposes.yaml",
            )
    return sum({bits[name] for name in question.purposes})


def _read(path: Path) -> dict[str, Question]:
    try:
        given = yaml.load(path.read_text("utf-8"), _Once)  # noqa: S506 -- a safe loader
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise _unusable(path, str(error), "write it as YAML in UTF-8") from error
    if not isinstance(given, list):
        raise _unusable(path, "it is not a list of questions", "begin each question with `- id: NAME`")
    questions: dict[str, Question] = {}
    for number, entry in enumerate(given, 1):
        question = _question(entry, f"question {number}", path)
        if question.id in questions:
            raise _unusable(path, f"the question {question.id!r} stands there twice", "rename or remove one of the two")
        questions[question.id] = question
    return questions


def _question(entry: Any, where: str, path: Path) -> Question:
    name = entry.get("id", where) if isinstance(entry, dict) else where
    _one_positive(entry.get("what") if isinstance(entry, dict) else None, str(name), path)
    try:
        question = converted(entry, Question)
    except msgspec.ValidationError as error:
        raise _unusable(path, f"{where}: {error}", "correct the value at the named place") from error
    for event in (question.who.event, question.what.event):
        if event and event not in KINDS:
            fix = nearest(event, KINDS) or "use a name of the e-commerce specification"
            raise _unusable(path, f"the question {question.id!r} names the unknown event {event!r}", fix)
    _fits(question, path)
    return question


def _one_positive(what: Any, name: str, path: Path) -> None:
    """A model answers one question: a `what` that could mean two things is refused before anything else."""
    both = isinstance(what, dict) and bool(what.get("event")) and bool(what.get("inactive"))
    several = isinstance(what, list) or (isinstance(what, dict) and isinstance(what.get("event"), list))
    if both or several:
        why = "an event and inactivity both count as yes" if both else "several events count as yes"
        raise _unusable(
            path,
            f"the question {name!r} has two positives: {why}, so a probability would not say of which",
            "declare one question for each, with one `what`",
        )
    if isinstance(what, dict) and not what.get("event") and not what.get("inactive"):
        fix = "name an event, or write `inactive: true`"
        raise _unusable(path, f"the question {name!r} has no positive: its `what` is empty", fix)


def _fits(question: Question, path: Path) -> None:
    """Pairs are asked about with the event that they are built from."""
    wanted = {"category": Kind.ORDER_COMPLETED, "coupon": Kind.COUPON_REDEEMED}.get(question.each)
    if wanted is not None and KINDS.get(question.what.event) is not wanted:
        named = next(name for name, kind in KINDS.items() if kind is wanted)
        why = f"the question {question.id!r} asks for each {question.each}, which only {named!r} answers"
        raise _unusable(path, why, f"write `what: {{event: {named}}}`, or leave `each` out")


def _unusable(path: Path, why: str, fix: str) -> BadConfiguration:
    code = "learn.two-positives" if "two positives" in why else ""
    return BadConfiguration(f"The questions in {path.name} cannot be used.", why=why, fix=fix, code=code)


class _Once(yaml.SafeLoader):
    """A safe loader that refuses a key given twice: the second would silently win."""


def _mapping(loader: _Once, node: yaml.MappingNode) -> dict[Any, Any]:
    keys = [loader.construct_object(key) for key, _ in node.value]
    twice = sorted({str(key) for key in keys if keys.count(key) > 1})
    if twice:
        what = "has two positives: " if "what" in twice else ""
        raise yaml.constructor.ConstructorError(
            problem=f"a question {what}the key {twice[0]!r} is given twice", problem_mark=node.start_mark
        )
    return dict(loader.construct_pairs(node, deep=True))


_Once.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)
