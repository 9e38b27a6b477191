"""YAML that others wrote: read with a bound on how deep it nests, for libyaml's reader ends the process beyond one."""

from __future__ import annotations

from typing import Any, Final

import yaml

__all__ = ["YamlError", "read_yaml"]

_Loader: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times as fast, where it is built in
_DEEPEST: Final = 32


class YamlError(ValueError):
    """A text is no YAML that can be used; the message says why."""


def read_yaml(text: str) -> Any:
    """What a text says.  Raises YamlError.

    >>> read_yaml("genes: [{name: spent}]")
    {'genes': [{'name': 'spent'}]}
    >>> read_yaml("[" * 40)
    Traceback (most recent call last):
    genom.genome.yaml_text.YamlError: it is nested more than 32 deep
    """
    try:
        _check_depth(text)
        return yaml.load(text, _Loader)  # noqa: S506 -- a safe loader
    except (yaml.YAMLError, ValueError) as error:  # a number of 5,000 digits or a 13th month is no YAMLError
        raise YamlError(str(error)) from error


def _check_depth(text: str) -> None:
    depth = 0
    for event in yaml.parse(text, _Loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > _DEEPEST:
            raise YamlError(f"it is nested more than {_DEEPEST} deep")
