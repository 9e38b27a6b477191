"""The commands of segments, and the export of genomes as Arrow."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any, Final
from urllib.parse import quote

import typer
import yaml

from genom.app.client import call_all, serving_node
from genom.app.sample.client import NodeClient
from genom.errors import BadConfiguration, BadRequest, counted

__all__ = ["genome_cli", "segment_cli"]

segment_cli: Final = typer.Typer(no_args_is_help=True, help="Segments: rules that say who belongs.")
genome_cli: Final = typer.Typer(no_args_is_help=True, help="Genomes of many people.")

Data = Annotated[Path, typer.Option("--data", envvar="GENOM_DATA", help="Data directory.", show_default="./genom-data")]
Language = Annotated[str, typer.Option("--language", help="en or de.")]
File = Annotated[Path, typer.Argument(help="YAML or JSON: one segment, a list, or `segments:`.")]
_DIRECTORY: Final = Path("genom-data")


@segment_cli.command("list")
def list_segments(data: Data = _DIRECTORY, language: Language = "en") -> None:
    """List the segments with their counts."""
    told = call_all(data, ("GET", "/v1/segments", None))[0]
    for segment in told["segments"]:
        state = f" ({segment['progress']:.0%} built)" if segment["building"] else ""
        print(f"{segment['id']} v{segment['version']}: {segment['people']['text']}{state}  {_said(segment, language)}")
        _tell_absent(segment)
    for name, why in told["unreadable"].items():
        print(f"{name} cannot be kept up: {why}")


@segment_cli.command()
def show(name: str, data: Data = _DIRECTORY, language: Language = "en") -> None:
    """Show a segment: its rule in words and as YAML, its count, growth and versions."""
    told = call_all(data, ("GET", f"/v1/segments/{quote(name, safe='')}", None))[0]
    segment = told["segment"]
    print(f"{segment['label'][_language(language)]} ({segment['id']}, version {segment['version']})")
    print(f"{segment['people']['text']} people for {segment['purpose']}: {_said(segment, language)}")
    _tell_absent(segment)
    if segment["unreadable"]:
        print(f"It cannot be kept up: {segment['unreadable']}")
    print(yaml.safe_dump({"rule": told["rule"]}, allow_unicode=True, sort_keys=False).rstrip())
    for point in told["daily"][-14:]:
        print(f"{point['at'][:10]}  {point['people']['text']}")
    for version in told["versions"]:
        print(f"version {version['version']} by {version['author']} at {version['at']}")


@segment_cli.command()
def preview(file: File, data: Data = _DIRECTORY, language: Language = "en") -> None:
    """Say how many people a rule means, each of its conditions alone, and a few examples; defines nothing."""
    for segment in _segments(file):
        body = {name: segment[name] for name in ("purpose", "rule", "id") if name in segment}
        told = call_all(data, ("POST", "/v1/segments/preview", body))[0]
        print(f"{told['people']['text']} of {told['everyone']['text']} people: {_said(told, language)}")
        for condition in told["conditions"]:
            print(f"  {condition['people']['text']:>12}  {condition['text'][_language(language)]}")
        _tell_absent(told)
        reached = [f"{name} {one['people']['text']}" for name, one in told["channels"].items()]
        print("  can be reached: " + (", ".join(reached) or "by no channel that the purposes allow for"))
        if told["examples"]:
            print("  such as " + ", ".join(told["examples"][:5]))


@segment_cli.command()
def add(file: File, data: Data = _DIRECTORY) -> None:
    """Add or change the segments of a file; an equal definition keeps its version."""
    for segment in call_all(data, ("POST", "/v1/segments", {"segments": _segments(file)}))[0]["segments"]:
        print(f"Segment {segment['id']}, version {segment['version']}.")


@segment_cli.command()
def remove(name: str, data: Data = _DIRECTORY) -> None:
    """Remove a segment; its versions stay in the catalogue."""
    removed = call_all(data, ("DELETE", f"/v1/segments/{quote(name, safe='')}", None))[0]["removed"]
    print(f"Segment {removed} removed.")


@genome_cli.command("export")
def export(
    segment: Annotated[str, typer.Option(help="Whose genomes; they are read for its purpose.")],
    genes: Annotated[str, typer.Option(help="Comma-separated ids; `gene[cell]` for one cell of a histogram.")],
    out: Annotated[Path, typer.Option(help="Arrow file to write.")],
    reason: Annotated[str, typer.Option(help="Why; it goes on record.")],
    data: Data = _DIRECTORY,
) -> None:
    """Write genes of the people of a segment as an Arrow file; what may not be read is null."""
    import pyarrow as pa  # noqa: PLC0415 -- the other commands need no Arrow

    if (node := serving_node(data)) is None:
        raise BadConfiguration(
            f"No node serves {data}.", why="memberships are known to a running node", fix="start it with `genom up`"
        )
    key = json.loads((data / "keys.json").read_bytes())["server_key"]
    client = NodeClient(str(node["url"]), key, patience=5)
    try:
        path = f"/v1/segments/{quote(segment, safe='')}/genome?genes={quote(genes)}&reason={quote(reason)}"
        body = client.call("GET", path)
    finally:
        client.close()
    table = pa.ipc.open_stream(body).read_all()
    with pa.OSFile(str(out), "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
        writer.write_table(table)
    people, genes = counted(table.num_rows, "person", "people"), counted(table.num_columns - 1, "gene", "genes")
    print(f"{people}, {genes} written to {out}.")


def _tell_absent(told: dict[str, Any]) -> None:
    for gene, why in told["absent"].items():
        print(f"  {gene} cannot be computed, so that conditions about it are neither true nor false: {why}")


def _segments(file: Path) -> list[dict[str, Any]]:
    try:
        content = yaml.safe_load(sys.stdin.read() if str(file) == "-" else file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError, RecursionError) as error:
        what = f"{file} cannot be read."
        raise BadRequest(what, why=str(error) or "it nests too deep", fix="name a YAML or JSON file") from error
    if isinstance(content, dict) and isinstance(content.get("segments"), list):
        content = content["segments"]
    found = content if isinstance(content, list) else [content]
    if not all(isinstance(segment, dict) for segment in found) or not found:
        raise BadRequest(
            f"{file} defines no segments.", why="a segment is a mapping", fix="see docs/how-to/segments.md"
        )
    return found


def _language(language: str) -> str:
    if language not in {"en", "de"}:
        raise BadRequest(f"There is no language {language!r}.", why="sentences are made in two", fix="use en or de")
    return language


def _said(told: dict[str, Any], language: str) -> str:
    return str(told["sentence"][_language(language)])
