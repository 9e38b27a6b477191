"""`genom import`: files of tills, loyalty programmes, call centres and the like."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Final

import typer
from msgspec.structs import replace
from rich.console import Console
from typer.core import TyperGroup

from genom.collect.typed_sources import TYPES, type_named
from genom.errors import BadRequest

__all__ = ["import_cli"]

_ANY: Final = "SOURCE"
_DIRECTORY: Final = Path("genom-data")
Data = Annotated[Path, typer.Option("--data", envvar="GENOM_DATA", help="Data directory.", show_default="./genom-data")]


class _BySource(TyperGroup):
    """What is no command of the group is a type of source: `genom import receipts FILE`."""

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """The command that the first word means."""
        if args and not args[0].startswith("-") and (args[0] not in self.commands or args[0] == _ANY):
            return type_named(args[0]).name, self.commands[_ANY], args[1:]
        return super().resolve_command(ctx, args)


import_cli: Final = typer.Typer(
    cls=_BySource, no_args_is_help=True, help="Import files of tills, loyalty programmes, call centres and the like."
)


@import_cli.command(_ANY)
def import_source(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="CSV, JSON lines, Parquet or an access log, gzip of each too.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Send nothing: show what would be sent.")] = False,
    mapping: Annotated[Path | None, typer.Option(help="A mapping, as `genom import guess` prints it.")] = None,
    column: Annotated[
        list[str] | None, typer.Option(help="NAME=HEADER: which column of the file it is; repeat it.")
    ] = None,
    header: Annotated[str, typer.Option(help="Names of the columns, if the file has no header: a,b,c.")] = "",
    form: Annotated[str, typer.Option("--format", help="csv, jsonl, parquet or log.", show_default="guessed")] = "",
    encoding: Annotated[str, typer.Option(help="Such as utf-8 or cp1252.", show_default="guessed")] = "",
    delimiter: Annotated[str, typer.Option(help="Between the cells of CSV.", show_default="guessed")] = "",
    decimal: Annotated[str, typer.Option(help="Before decimals: , or .", show_default="guessed")] = "",
    date_format: Annotated[
        list[str] | None, typer.Option(help="Of times, such as '%d.%m.%Y %H:%M'; repeat it.", show_default="guessed")
    ] = None,
    time_zone: Annotated[str, typer.Option(help="Of times that name none.", show_default="UTC")] = "",
    source: Annotated[
        str, typer.Option(help="The source that the events belong to.", show_default="named like the type")
    ] = "",
    history: Annotated[
        bool | None, typer.Option("--history/--no-history", help="Its events are known as of their own time.")
    ] = None,
    rejects: Annotated[Path | None, typer.Option(help="Write the rows that are refused to this file.")] = None,
    report: Annotated[Path | None, typer.Option(help="Write all problems to this file, as JSON lines.")] = None,
    data: Data = _DIRECTORY,
) -> None:
    """Import a file of a type that `genom import types` lists, such as `genom import receipts FILE`.

    What is in counts once, however often it is imported; an import that was interrupted goes on.  Status 3: some rows
    were refused; 1: the file cannot be read to its end.
    """
    from genom.app.importing.mapping import mapping_of
    from genom.app.importing.run import Asked, import_file

    kind = type_named(str(context.info_name))
    mapped = mapping_of(mapping, kind)
    changes = {
        "format": form, "encoding": encoding, "delimiter": delimiter, "decimal": decimal, "time_zone": time_zone,
        "date_formats": date_format, "header": [one.strip() for one in header.split(",")] if header else None,
    }  # fmt: skip
    mapped = replace(mapped, **{name: value for name, value in changes.items() if value})
    mapped = replace(mapped, columns=mapped.columns | dict(map(_pair, column or [])))
    asked = Asked(
        kind=kind, path=file, data=data, mapped=mapped, source=source, history=history, dry_run=dry_run,
        rejects=rejects, report=report,
    )  # fmt: skip
    raise typer.Exit(import_file(asked, Console(highlight=False, soft_wrap=True)))


def _pair(text: str) -> tuple[str, str]:
    name, sign, header = text.partition("=")
    if not (name and sign and header):
        raise BadRequest(f"{text!r} maps no column.", why="it lacks a name, = or a header", fix="say card=Kartennummer")
    return name.strip(), header


@import_cli.command("types")
def import_types(
    name: Annotated[str, typer.Argument(help="A type, to see its columns.")] = "",
    language: Annotated[str, typer.Option("--language", help="en or de.")] = "en",
) -> None:
    """List the types of sources, or the columns of one."""
    from genom.app.importing.show import column_lines, type_lines

    print(*(column_lines(type_named(name), language) if name else type_lines(TYPES, language)), sep="\n")


@import_cli.command("sample")
def import_sample(
    name: Annotated[str, typer.Argument(metavar="TYPE", help="A type that `genom import types` lists.")],
    out: Annotated[Path | None, typer.Option(help="The file to write.", show_default="TYPE.csv")] = None,
) -> None:
    """Write a small file of a type, with invented data."""
    from genom.app.importing.show import write_sample

    print(write_sample(type_named(name), out))


@import_cli.command("guess")
def import_guess(
    file: Annotated[Path, typer.Argument(help="The file.")],
    kind: Annotated[str, typer.Option("--type", help="Of this type.", show_default="guessed")] = "",
) -> None:
    """Print a guess of what a file is, as a mapping to look at, mend and import with."""
    from genom.app.importing.guessing import guess

    print(guess(file, type_named(kind) if kind else None), end="")
