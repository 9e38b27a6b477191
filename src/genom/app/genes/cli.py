"""`genom genes add`, `rollback` and `versions`."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn

from genom.app.client import call_all, serving_node
from genom.app.reading import rfc3339
from genom.errors import BadConfiguration, BadRequest, GenomError

__all__ = ["add_commands"]

Data = Annotated[Path, typer.Option("--data", envvar="GENOM_DATA", help="Data directory.", show_default="./genom-data")]
Dry = Annotated[bool, typer.Option("--dry-run", help="Only say what would change.")]
_DIRECTORY: Final = Path("genom-data")
_STEPS: Final = {
    "compile": "Compiling the kernel",
    "fold": "Folding the journal",
    "write": "Writing the state file",
    "done": "Loading",
    "follow": "Following the newest events",
    "take_over": "Taking over",
}
_EACH: Final = 0.3  # seconds between two looks


def add_commands(cli: typer.Typer) -> None:
    """The commands, for `genom genes`."""
    cli.command("add")(_add)
    cli.command("rollback")(_roll_back)
    cli.command("versions")(_versions)


def _add(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="YAML with `genes`, and the `filters` that they need.")],
    dry_run: Dry = False,
    data: Data = _DIRECTORY,
) -> None:
    """Add the genes of a file to the running node; it serves on meanwhile."""
    try:
        text = file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise BadRequest(f"{file} cannot be read.", why=why, fix="name a YAML file") from error
    _change(data, ("POST", "/v1/genes/versions", {"file": file.name, "text": text, "dry_run": dry_run}), dry=dry_run)


def _roll_back(
    reason: Annotated[str, typer.Option(help="Why; it stands in the audit log.")] = "",
    dry_run: Dry = False,
    data: Data = _DIRECTORY,
) -> None:
    """Take the genes that were added last back."""
    _change(data, ("POST", "/v1/genes/versions:rollback", {"reason": reason, "dry_run": dry_run}), dry=dry_run)


def _versions(data: Data = _DIRECTORY) -> None:
    """List the versions of the gene set: which is active, what each added, who did it and when."""
    told = call_all(data, ("GET", "/v1/genes/versions", None))[0]
    for one in told["versions"]:
        active = "  active" if one["active"] else ""
        made = f"  {one['author']}  {rfc3339(one['at'])}" if one["at"] else ""
        genes = f"  {one['genes']} genes" if one["genes"] is not None else ""
        print(f"{one['version']}{active}{genes}{made}  {', '.join(one['files']) or 'genes of the data directory'}")
    if (change := told["change"]) and change["state"] != "done":
        print(_told(change))


def _change(data: Path, call: tuple[str, str, Any], *, dry: bool) -> None:
    if serving_node(data) is None:
        raise BadConfiguration(
            f"No node serves {data}.",
            why="genes are added to a running node",
            fix="start `genom up` first; without a node, declare them in genes.yaml",
        )
    plan = call_all(data, call)[0]
    for line in _plan_lines(plan):
        print(line)
    if not dry:
        _wait(data, plan["version"])


def _plan_lines(plan: dict[str, Any]) -> Iterator[str]:
    for sign, name in (("+", "added"), ("-", "removed")):
        yield from (f"{sign} {gene}" for gene in plan[name])
    yield f"Genes: {plan['genes_before']} now, {plan['genes_after']} then."
    yield f"A person takes {plan['row_bytes_before']:,} bytes for each purpose now, {plan['row_bytes_after']:,} then."
    yield f"{plan['rows']:,} journal rows are folded: about {plan['seconds']} s, in which the node serves on."


def _wait(data: Path, version: int) -> None:
    """Show how far the change is until it has ended.  Raises GenomError if it failed."""
    with _bar() as (progress, task):
        while True:
            change = call_all(data, ("GET", "/v1/genes/versions", None))[0]["change"]
            if change["version"] != version or change["state"] != "running":
                break
            done = change["done"] if change["step"] != "compile" else 0
            step, of = _STEPS.get(change["step"], ""), max(change["of"], 1)
            progress.update(task, description=step, completed=done, total=of)
            time.sleep(_EACH)
    if change["state"] == "failed":
        raise GenomError(
            "The genes stay as they were.", why=change["why"], fix="mend that and try again", code="genes.failed"
        )
    print(f"Version {version} serves now.")


@contextmanager
def _bar() -> Iterator[tuple[Progress, TaskID]]:
    counted = TextColumn("{task.completed:,.0f} of {task.total:,.0f} rows")
    columns = (TextColumn("{task.description}"), BarColumn(), counted)
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        yield progress, progress.add_task("", total=1)


def _told(change: dict[str, Any]) -> str:
    what = f"{'Adding' if change['kind'] == 'add' else 'Going back to'} version {change['version']}"
    if change["state"] == "failed":
        return f"{what} was stopped: {change['why']}"
    return f"{what}: {_STEPS.get(change['step'], change['step'])}, {change['done']:,} of {change['of']:,} rows"
