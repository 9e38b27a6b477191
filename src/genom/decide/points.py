"""Decision points: named places where a decision is asked for."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import msgspec
import yaml

from genom.decide.policy import Policy
from genom.decide.shape import Feature, Reward, check_also, check_point
from genom.errors import BadConfiguration, BadRequest, UnknownName, nearest
from genom.typed import converted

__all__ = ["BUILT_IN", "Point", "check_purposes", "find_point", "load_points"]

BUILT_IN: Final = Path(__file__).with_name("points.yaml")

_Name = Annotated[str, msgspec.Meta(pattern="^[a-z][a-z0-9_]*$")]
_Text = Annotated[str, msgspec.Meta(min_length=1)]


class Text(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """A label in the two languages of the console."""

    en: _Text
    de: _Text


class Point(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """Where a decision is asked for, for which purpose, among what, and by which policy."""

    id: _Name
    version: Annotated[int, msgspec.Meta(ge=1)] = 1  # given by the catalogue to what comes over HTTP
    label: Text
    purpose: _Name
    also: tuple[_Name, ...] = ()  # purposes that must be permitted too, such as `price` for vouchers
    candidates: Literal["actions", "categories"]
    policy: Policy = Policy(control=0.10, epsilon=0.05, temperature=0.25, do_nothing=0.0)
    browser: bool = False  # a browser may ask with a write key; it gets actions without scores or reasons
    model: Literal["own-purchases-1", "propensity", "learned", "experiment"] = "own-purchases-1"
    features: tuple[Feature, ...] = ()  # what `learned` reads of the person
    reward: Reward | None = None  # what counts as a success; without one nothing is measured or learned
    shares: dict[str, float] = {}  # action → its share of an `experiment`; the first is the base


def load_points(path: Path | None = None) -> dict[str, Point]:
    """The decision points of a YAML file, or the built-in ones.

    Raises BadConfiguration for a file that cannot be read, an unknown or missing key, or a value out of range.

    >>> sorted(load_points())
    ['next_offer', 'next_product']
    """
    path = path or BUILT_IN
    points: dict[str, Point] = {}
    for number, entry in enumerate(_entries(path)):
        point = _point(entry, path, number)
        if point.id in points:
            raise _unusable(
                path, f"the decision point {point.id!r} is defined twice", "rename or remove one of the two"
            )
        points[point.id] = point
    return points


def find_point(points: Mapping[str, Point], name: str) -> Point:
    """The decision point of that name.

    Raises UnknownName, with the nearest known name.

    >>> find_point(load_points(), "next_offer").purpose
    'personalise_onsite'
    """
    if name not in points:
        why = f"the decision points are {', '.join(sorted(points))}"
        raise UnknownName(
            f"There is no decision point named {name!r}.", why=why, fix=nearest(name, points) or "use one of these"
        )
    return points[name]


def check_purposes(points: Mapping[str, Point], known: Collection[str]) -> None:
    """Raises BadConfiguration if a point names a purpose that there is not."""
    for point in points.values():
        for name in (point.purpose, *point.also):
            if name not in known:
                raise BadConfiguration(
                    f"The decision point {point.id!r} cannot be used.",
                    why=f"it names the purpose {name!r}, and the purposes are {', '.join(sorted(known))}",
                    fix=nearest(name, known) or "name one of these in points.yaml",
                )


def _entries(path: Path) -> list[Any]:
    try:
        entries = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise _unusable(path, str(error), "write it as YAML in UTF-8") from error
    if not isinstance(entries, list) or not entries:
        raise _unusable(path, "it is not a list of decision points", "begin each decision point with `- id: NAME`")
    return entries


def _point(entry: object, path: Path, number: int) -> Point:
    try:
        point = converted(entry, Point)
        check_point(point.model, point.features, point.reward, point.shares, candidates=point.candidates)
        check_also(point.purpose, point.also)
        return point
    except BadRequest as error:
        raise _unusable(path, f"decision point {number + 1}: {error.what} {error.why}", error.fix) from error
    except msgspec.ValidationError as error:
        raise _unusable(
            path, f"decision point {number + 1}: {error}", "correct the value at the named place"
        ) from error


def _unusable(path: Path, why: str, fix: str) -> BadConfiguration:
    return BadConfiguration(f"The decision points in {path} cannot be used.", why=why, fix=fix)
