"""Writes the commands of docs/reference/cli.md from the command line itself.

python tools/cli_reference.py [--check]
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import typer
from reference_page import main, table

from genom.app.cli import cli


def commands() -> str:
    """Each command with its arguments and options."""
    return "\n\n".join(_section(name, command) for name, command in _leaves("genom", typer.main.get_command(cli)))


def _leaves(name: str, command: Any) -> Iterator[tuple[str, Any]]:
    if not hasattr(command, "commands") or (" " in name and command.invoke_without_command):
        yield name, command
    for part, inner in getattr(command, "commands", {}).items():
        yield from _leaves(f"{name} {part}", inner)


def _section(name: str, command: Any) -> str:
    arguments = [p for p in command.params if p.param_type_name == "argument"]
    options = [p for p in command.params if p.param_type_name == "option" and "--help" not in p.opts]
    usage = " ".join([name, *(p.name.upper() for p in arguments)])
    rows = [(f"`{p.name.upper()}`", p.help or "", "", "") for p in arguments]
    rows += [(_names(p), p.help or "", _default(p), f"`{p.envvar}`" if p.envvar else "") for p in options]
    listed = table(["argument or option", "meaning", "default", "environment"], rows)
    return f"### `{usage}`\n\n{command.help}" + (f"\n\n{listed}" if rows else "")


def _names(option: Any) -> str:
    return " / ".join(f"`{name}`" for name in [*option.opts, *option.secondary_opts])


def _default(option: Any) -> str:
    if isinstance(option.show_default, str):
        return f"`{option.show_default}`"
    if option.default is None or callable(option.default):
        return ""
    return f"`{str(option.default).lower() if isinstance(option.default, bool) else option.default}`"


if __name__ == "__main__":
    main("cli.md", commands)
