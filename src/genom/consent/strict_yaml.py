"""Reads a YAML file that people edit: what plain YAML forgives in silence is an error here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable
from pathlib import Path
from typing import Any

import yaml

from genom.errors import BadConfiguration

__all__ = ["read_yaml"]


class _Loader(yaml.SafeLoader):
    """Refuses a key that stands twice; YAML itself would keep the last one."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        counts = Counter(key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode))
        twice = [key for key, count in counts.items() if count > 1]
        if twice:
            raise yaml.constructor.ConstructorError(None, None, f"the key {twice[0]!r} stands twice", node.start_mark)
        return super().construct_mapping(node, deep)


def read_yaml(path: Path) -> object:
    """The one document of a YAML file.

    Raises BadConfiguration, naming file and place, if it cannot be read, is not YAML, or repeats a key.
    """
    try:
        loader = _Loader(path.read_text("utf-8"))
        try:
            return loader.get_single_data()
        finally:
            loader.dispose()
    except OSError as error:
        raise BadConfiguration(
            f"{path} cannot be read.", why=str(error.strerror), fix="check the path and its permissions"
        ) from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise BadConfiguration(f"{path} is not usable YAML.", why=str(error), fix="correct it at that place") from error
