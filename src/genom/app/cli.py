"""The command line."""

from __future__ import annotations

import faulthandler
import json
import os
import sys
import time
from pathlib import Path
from typing import Annotated, Any, Final
from urllib.parse import urlencode, urljoin

import typer
from rich.console import Console

from genom import __version__
from genom.app.activating.cli import destination_cli
from genom.app.backups.cli import add_commands as add_backup_commands
from genom.app.client import call_all
from genom.app.encryption_cli import encryption_cli
from genom.app.genes.cli import add_commands
from genom.app.importing.cli import import_cli
from genom.app.ledgers_cli import add_commands as add_ledger_commands
from genom.app.privacy_cli import privacy_cli
from genom.app.rejected_cli import rejected_cli
from genom.app.rights.requests_cli import request_cli
from genom.app.segmenting.cli import genome_cli, segment_cli
from genom.app.users_cli import key_cli, user_cli
from genom.app.webhooks_cli import webhook_cli
from genom.errors import BadConfiguration, BadRequest, GenomError, counted

__all__ = ["main"]

cli: Final = typer.Typer(
    add_completion=False, no_args_is_help=True, help="Genom: the marketing genome.", pretty_exceptions_enable=False
)
source_cli: Final = typer.Typer(no_args_is_help=True, help="Sources: who may send events, and how.")
cli.add_typer(source_cli, name="source")
genes_cli: Final = typer.Typer(help="Genes: list them, add to them, find those that cost more than they tell.")
add_commands(genes_cli)
cli.add_typer(genes_cli, name="genes")
learn_cli: Final = typer.Typer(help="Models: train them, read their cards.")
cli.add_typer(learn_cli, name="learn")
sample_cli: Final = typer.Typer(no_args_is_help=True, help="The sample shop.")
cli.add_typer(sample_cli, name="sample")
audit_cli: Final = typer.Typer(help="The audit log: who did what, to whom and why.")
cli.add_typer(audit_cli, name="audit")
add_backup_commands(cli)
add_ledger_commands(cli)
cli.add_typer(destination_cli, name="destination")
cli.add_typer(encryption_cli, name="encryption")
cli.add_typer(import_cli, name="import")
cli.add_typer(privacy_cli, name="privacy")
cli.add_typer(rejected_cli, name="rejected")
cli.add_typer(user_cli, name="users")
cli.add_typer(request_cli, name="requests")
cli.add_typer(key_cli, name="key")
cli.add_typer(segment_cli, name="segment")
cli.add_typer(genome_cli, name="genome")
cli.add_typer(webhook_cli, name="webhook")

Data = Annotated[Path, typer.Option("--data", envvar="GENOM_DATA", help="Data directory.", show_default="./genom-data")]
Language = Annotated[str, typer.Option("--language", help="en or de.")]
_DIRECTORY: Final = Path("genom-data")


def _console() -> Console:
    return Console(highlight=False, soft_wrap=True)


@cli.command()
def up(
    data: Data = _DIRECTORY,
    port: Annotated[int | None, typer.Option(envvar="GENOM_PORT", help="Port to listen on.")] = None,
    sample: Annotated[bool, typer.Option(help="Load the sample shop into an empty data directory.")] = True,
    sample_only: Annotated[
        bool, typer.Option("--sample-only", help="Load the sample, print its totals as JSON, end.")
    ] = False,
    sample_consents: Annotated[
        str, typer.Option(help="`simulated`, or `all` for measurements in a scratch directory.")
    ] = "simulated",
    demo: Annotated[
        bool | None,
        typer.Option(
            "--demo/--no-demo",
            help="Serve the living shop on the next port, with simulated people.",
            show_default="with the sample",
        ),
    ] = None,
) -> None:
    """Start the node (and load the sample shop at the first start)."""
    from genom.app.up import run_node

    run_node(
        data,
        port=port,
        sample=sample or sample_only,
        sample_only=sample_only,
        consents=sample_consents,
        console=_console(),
        demo=(sample if demo is None else demo) and not sample_only,
    )


@cli.command()
def demo(
    data: Data = _DIRECTORY,
    pace: Annotated[float | None, typer.Option(help="Visits a second; 0 pauses.")] = None,
    decisions: Annotated[int | None, typer.Option(help="End after so many decisions about vouchers.")] = None,
) -> None:
    """Let the simulated people of the living shop come, or change their pace, and watch the policy learn."""
    from genom.app.client import serving_node
    from genom.app.demo import drive

    if (node := serving_node(data)) is None:
        raise BadConfiguration(
            f"No node serves {data}.", why="the living shop talks to a running node", fix="start `genom up` first"
        )
    raise typer.Exit(drive(data, str(node["url"]), pace=pace, decisions=decisions))


@cli.command()
def login(data: Data = _DIRECTORY) -> None:
    """Print a link that opens the console once."""
    from genom.app.client import serving_node

    if (node := serving_node(data)) is None:
        raise BadConfiguration(
            f"No node serves {data}.", why="only a running node lets anybody in", fix="start it with `genom up`"
        )
    print(urljoin(node["url"], call_all(data, ("POST", "/v1/console-links", None))[0]["url"]))


@cli.command()
def warm(data: Data = _DIRECTORY) -> None:
    """Compile the kernels for this machine, so that starts are quick; they are the same for every data directory."""
    del data
    from genom.app.warm import warm as run

    console = _console()
    console.print(f"Kernels are ready ({run(console.print, generate=True):.1f} s).")


@cli.command()
def verify(data: Data = _DIRECTORY, language: Language = "en") -> None:
    """Refold everything from the journal and compare; exit status 0 only if equal."""
    from genom.app.show import show_report
    from genom.app.verifying import verify_directory

    report = verify_directory(data, _console())
    show_report(_console(), report, language=language)
    raise typer.Exit(0 if report.equal else 1)


@cli.command()
def person(
    who: Annotated[str, typer.Argument(metavar="ID", help="Public id, or type:value such as card:900.")],
    data: Data = _DIRECTORY,
    language: Language = "en",
) -> None:
    """Draw a person's genome, timeline and last decision."""
    from genom.app.show import show_person

    public = _public_id(data, who)
    genome, events, decisions = call_all(
        data,
        ("GET", f"/v1/people/{public}/genome?language={language}", None),
        ("GET", f"/v1/people/{public}/events?limit=10", None),
        ("GET", f"/v1/people/{public}/decisions", None),
    )
    last = decisions["decisions"][0] if decisions["decisions"] else None
    show_person(_console(), genome=genome, events=events["events"], decision=last, language=language)


@cli.command()
def export(
    kind: Annotated[str, typer.Option("--type", help="Type of an identifier, such as user_id, card or email.")],
    value: Annotated[str, typer.Option(help="The identifier.")],
    out: Annotated[Path, typer.Option(help="The ZIP file to write.")],
    reason: Annotated[str, typer.Option(help="Why; it stands in the audit log.")] = "",
    force: Annotated[bool, typer.Option("--force", help="Replace the file if it exists.")] = False,
    data: Data = _DIRECTORY,
    language: Language = "en",
) -> None:
    """Write a copy of everything that is held of a person: JSON, tables, and a letter."""
    from genom.app.rights.cli import export_person

    size = export_person(data, out, kind=kind, value=value, language=language, reason=reason, force=force)
    print(f"{out}: {size:,} bytes. Keep it safe: it holds everything about a person.")


@cli.command("import-copy")
def import_copy(
    file: Annotated[Path, typer.Argument(help="A ZIP file that `genom export` or the person's own page made.")],
    data: Data = _DIRECTORY,
) -> None:
    """Take in the copy of a person that another Genom handed out: the genome is the same here."""
    from genom.app.rights.cli import import_person

    print(import_person(data, file))


@cli.command()
def erase(
    kind: Annotated[str, typer.Option("--type", help="Type of an identifier, such as user_id, card or email.")],
    value: Annotated[str, typer.Option(help="The identifier.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask: it cannot be undone.")] = False,
    reason: Annotated[str, typer.Option(help="Why; it goes from the audit log with the person.")] = "",
    port: Annotated[int | None, typer.Option(help="Port of the node, if it is not the announced one.")] = None,
    data: Data = _DIRECTORY,
) -> None:
    """Erase a person and print the receipt: nobody reads them from then on; the files follow in the background."""
    from genom.app.erasing.cli import erase_person

    if not yes:
        typer.confirm(f"Erase everything about the person with {kind} {value!r}? It cannot be undone", abort=True)
    print(erase_person(data, kind=kind, value=value, reason=reason, port=port))


@cli.command()
def find(
    kind: Annotated[str, typer.Option("--type", help="Type of an identifier, such as user_id, card or email.")],
    value: Annotated[str, typer.Option(help="The identifier.")],
    reason: Annotated[str, typer.Option(help="Why; the person reads it.")] = "",
    data: Data = _DIRECTORY,
) -> None:
    """Print as JSON what each store holds of a person, by what it is and how often, without what it says.

    It also tells what is left of an identifier that names nobody.
    """
    from genom.app.rights.cli import find_person

    print(find_person(data, kind=kind, value=value, reason=reason))


@cli.command()
def scan(
    canary: Annotated[list[str], typer.Option(help="A text to search for; repeat it for several.")],
    data: Data = _DIRECTORY,
) -> None:
    """Search every file of a data directory for a text, raw and decoded, the vault opened with the directory's keys.

    One JSON line for each hit and for what could not be read.  Status 0: it is nowhere; 3: found; 4: not found, but
    not all could be read; 2: nothing was searched, for the directory or the text cannot be.
    """
    from genom.app.scanning import scan_directory

    raise typer.Exit(scan_directory(data, canary))


@cli.command()
def decide(
    point: Annotated[str, typer.Argument(help="Decision point, such as next_product.")],
    who: Annotated[str, typer.Argument(metavar="ID", help="Public id, or type:value such as card:900.")],
    n: Annotated[int, typer.Option(help="How many choices.")] = 3,
    data: Data = _DIRECTORY,
    language: Language = "en",
) -> None:
    """Decide for a person and say why."""
    from genom.app.show import show_decision

    body = {"point": point, "person": _ids(who), "context": {"locale": language}, "n": n}
    show_decision(_console(), call_all(data, ("POST", "/v1/decide", body))[0], language=language)


@genes_cli.callback(invoke_without_command=True)
def genes(context: typer.Context, data: Data = _DIRECTORY, language: Language = "en") -> None:
    """List the genes: the data directory's own, or the standard genome."""
    if context.invoked_subcommand is not None:
        return
    if language not in {"en", "de"}:
        raise BadRequest(f"There is no language {language!r}.", why="labels are kept in two", fix="use en or de")
    from genom.app.genes.sets import genes_of
    from genom.app.show import show_genes

    listed = [
        {"id": g.id, "family": g.family, "label": g.label[language], "op": g.op, "unit": g.unit} for g in genes_of(data)
    ]
    show_genes(_console(), listed, language=language)


@genes_cli.command("axis")
def genes_axis(
    column: Annotated[str, typer.Option(help="`category_1` or `category_2`.")] = "category_1",
    most: Annotated[int, typer.Option(help="How many, the most bought first.")] = 8,
    data: Data = _DIRECTORY,
) -> None:
    """Print the leading departments of a directory's orders as an axis for the crosses of `genes.yaml`."""
    from genom.app.genes.axis import axis, leading
    from genom.app.training.past import open_record
    from genom.settings import load_settings

    record = open_record(data, load_settings(data), now=time.time_ns() // 1_000_000)
    print(axis(leading(record, column=column, most=most)))


@genes_cli.command("sql")
def genes_in_sql(
    genes: Annotated[list[str] | None, typer.Argument(help="Ids of genes; none = all of the core.")] = None,
    purpose: Annotated[str, typer.Option(help="For what they are read; empty = the genome's first.")] = "",
    at: Annotated[int, typer.Option(help="As of when, unix ms; 0 = now.")] = 0,
    dialect: Annotated[str, typer.Option(help="Of SQL: duckdb.")] = "duckdb",
    part: Annotated[str, typer.Option(help="genes, rings (the last records), or schema (the tables).")] = "genes",
    data: Data = _DIRECTORY,
) -> None:
    """Print the query that computes genes from a table of events in a database."""
    from genom.app.gene_sql import gene_query

    moment = at or time.time_ns() // 1_000_000
    print(gene_query(data, tuple(genes or ()), purpose=purpose, at=moment, dialect=dialect, part=part))


@genes_cli.command("lint")
def genes_lint(data: Data = _DIRECTORY, language: Language = "en") -> None:
    """List genes that nothing uses, that say the same as another, that nobody has, or that few events may fill."""
    if language not in {"en", "de"}:
        raise BadRequest(f"There is no language {language!r}.", why="findings are told in two", fix="use en or de")
    from genom.app.show.lint import lint_lines

    print(*lint_lines(call_all(data, ("GET", "/v1/genes:lint", None))[0], language=language), sep="\n")


@source_cli.command("add")
def source_add(
    name: str,
    history: Annotated[bool, typer.Option("--history", help="Its events are known as of their own time.")] = False,
    consent: Annotated[str, typer.Option(help="`required` or `development`.")] = "required",
    trusts_links: Annotated[
        bool,
        typer.Option(
            "--trusts-links", help="Believe its clients' links: whoever has the write key can then join profiles."
        ),
    ] = False,
    app_id: Annotated[
        bool,
        typer.Option("--app-id", help="Its name is an application id: Snowplow's trackers that send it need no key."),
    ] = False,
    data: Data = _DIRECTORY,
) -> None:
    """Add a source; its write key is the last word printed."""
    body = {"name": name, "history": history, "consent": consent, "trusts_links": trusts_links, "app_id": app_id}
    made = call_all(data, ("POST", "/v1/sources", body))[0]
    print(f"Source {name} added. Secret for context.userHash: {made['secret']}")
    print(f"Write key: {made['write_key']}")


@source_cli.command("set")
def source_set(
    name: str,
    consent: Annotated[str | None, typer.Option(help="`required` or `development`.")] = None,
    trusts_links: Annotated[
        bool | None, typer.Option("--trusts-links/--no-trusts-links", help="Believe its clients' links.")
    ] = None,
    app_id: Annotated[
        bool | None, typer.Option("--app-id/--no-app-id", help="Snowplow's trackers that send its name need no key.")
    ] = None,
    data: Data = _DIRECTORY,
) -> None:
    """Change a source."""
    body: dict[str, Any] = {"name": name, "consent": consent, "trusts_links": trusts_links, "app_id": app_id}
    changed = call_all(data, ("PUT", "/v1/sources", body))[0]
    links = "trusted" if changed["trusts_links"] else "confirmed by servers or proofs"
    opened = ", open to trackers by its name" if changed["app_id"] else ""
    print(f"Source {changed['name']}: consent {changed['consent']}, links {links}{opened}.")


@source_cli.command("list")
def source_list(data: Data = _DIRECTORY) -> None:
    """List the sources."""
    for known in call_all(data, ("GET", "/v1/sources", None))[0]["sources"]:
        history = ", history" if known["history"] else ""
        opened = ", open to trackers by its name" if known["app_id"] else ""
        print(f"{known['name']}: consent {known['consent']}{history}{opened}")


@source_cli.command("snippet")
def source_snippet(
    name: str,
    write_key: Annotated[str, typer.Option(help="Its write key: of all but the first, only a hash is kept.")] = "",
    data: Data = _DIRECTORY,
) -> None:
    """Print what a shop puts into its pages: the browser tag with its hash, and the source's write key."""
    from genom.app.snippet import UNKNOWN_KEY
    from genom.app.snippet_cli import snippet_of

    text = snippet_of(data, name, write_key=write_key)
    print(text)
    if UNKNOWN_KEY in text:
        print(f"Put the key that `genom source add {name}` printed in place of {UNKNOWN_KEY}.", file=sys.stderr)


@learn_cli.callback(invoke_without_command=True)
def learn(
    context: typer.Context,
    only: Annotated[list[str] | None, typer.Option("--only", metavar="QUESTION", help="Train these alone.")] = None,
    data: Data = _DIRECTORY,
) -> None:
    """Train the models of all questions now, and serve them."""
    if context.invoked_subcommand is None:
        from genom.app.training.now import learn_now

        raise typer.Exit(learn_now(data, only or [], _console()))


@learn_cli.command("card")
def learn_card(name: str, data: Data = _DIRECTORY) -> None:
    """Print the card of a served model as Markdown."""
    from genom.app.training.now import card_text

    print(card_text(data, name))


@learn_cli.command("versions")
def learn_versions(question: str, data: Data = _DIRECTORY) -> None:
    """List the versions of a model: which serves, which waits, and why."""
    from genom.app.show.releases import release_lines

    for line in release_lines(call_all(data, ("GET", f"/v1/models/{question}/versions", None))[0]):
        print(line)


@learn_cli.command("approve")
def learn_approve(
    question: str,
    version: Annotated[str | None, typer.Option(help="Another than the one that waits.")] = None,
    reason: Annotated[str, typer.Option(help="Why; it stands in the audit log.")] = "",
    data: Data = _DIRECTORY,
) -> None:
    """Make the version that waits for approval serve."""
    body = {"version": version, "reason": reason}
    _print_served(call_all(data, ("POST", f"/v1/models/{question}/approve", body))[0])


@learn_cli.command("rollback")
def learn_rollback(
    question: str,
    reason: Annotated[str, typer.Option(help="Why; it stands in the audit log.")] = "",
    data: Data = _DIRECTORY,
) -> None:
    """Make the version serve that did before."""
    _print_served(call_all(data, ("POST", f"/v1/models/{question}/rollback", {"reason": reason}))[0])


def _print_served(told: dict[str, Any]) -> None:
    serves = next(one["version"] for one in told["versions"] if one["state"] == "serves")
    print(f"{told['model']}: version {serves} serves now.")


@audit_cli.callback(invoke_without_command=True)
def audit(
    context: typer.Context,
    action: Annotated[str, typer.Option(help="Only this action, such as person.revealed.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many rows.")] = 20,
    data: Data = _DIRECTORY,
) -> None:
    """List the audit log, newest first: time, who, action, object, reason."""
    if context.invoked_subcommand is None:
        from genom.app.reading import rfc3339
        from genom.app.show import deed_line

        asked = urlencode({"action": action, "limit": limit})
        for row in call_all(data, ("GET", f"/v1/audit?{asked}", None))[0]["rows"]:
            print(deed_line(row, rfc3339(row["at"])))


@audit_cli.command("verify")
def audit_verify(
    head: Annotated[str, typer.Option(help="A hash noted earlier that must still stand in the chain.")] = "",
    data: Data = _DIRECTORY,
) -> None:
    """Compute the audit log's chain again; exit status 0 only if it holds."""
    found = call_all(data, ("GET", f"/v1/audit:verify?{urlencode({'head': head})}", None))[0]
    rows, problem = counted(found["rows"], "row", "rows"), found["problem"] or "the chain holds"
    print(f"{rows}, newest hash {found['head']}: {problem}.")
    raise typer.Exit(1 if found["problem"] else 0)


@audit_cli.command("head")
def audit_head(data: Data = _DIRECTORY) -> None:
    """Sign the audit log's head and print it as JSON: keep it elsewhere."""
    print(json.dumps(call_all(data, ("POST", "/v1/audit/heads", None))[0]["heads"][-1:]))


@audit_cli.command("prove")
def audit_prove(row: Annotated[int, typer.Argument(min=1, help="Its number.")], data: Data = _DIRECTORY) -> None:
    """Print a row with its path to a signed head as JSON: `genom audit check` checks it anywhere."""
    print(json.dumps(call_all(data, ("GET", f"/v1/audit/{row}/proof", None))[0]))


@audit_cli.command("check")
def audit_check(
    file: Annotated[Path, typer.Argument(help="What `genom audit prove` printed.", exists=True, dir_okay=False)],
    public_key: Annotated[str, typer.Option(help="The node's key, as a head or receipt kept elsewhere has it.")] = "",
) -> None:
    """Check the proof of a row, without a node; exit status 0 only if it holds."""
    from genom.app.proving import check_proof

    told, holds = check_proof(file, public_key=public_key)
    print(told)
    raise typer.Exit(0 if holds else 1)


@sample_cli.command("remove")
def sample_remove(
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask: it cannot be undone.")] = False,
    data: Data = _DIRECTORY,
) -> None:
    """Erase the sample's people, products and offers; whoever your own sources know stays."""
    if not yes:
        typer.confirm("Erase all people of the sample shop? It cannot be undone", abort=True)
    from genom.app.sample.removing import remove_by_command

    people = remove_by_command(
        data, told=lambda left: print(f"{counted(left, 'person is', 'people are')} left.", file=sys.stderr)
    )
    erased = counted(people, "person of the sample is", "people of the sample are")
    print(f"{erased} erased; the files are overwritten in the background.")


def _ids(text: str) -> dict[str, str]:
    kind, colon, value = text.partition(":")
    return {kind: value} if colon else {"person": text}


def _public_id(data: Path, text: str) -> str:
    kind, colon, value = text.partition(":")
    if not colon:
        return text
    return str(call_all(data, ("POST", "/v1/people:lookup", {"type": kind, "value": value}))[0]["person"])


@cli.callback(invoke_without_command=True)
def _version(version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False) -> None:
    if version:
        print(f"genom {__version__}")
        raise typer.Exit


def main() -> None:
    """Run the command line; errors come out in words and with status 1, a crash of compiled code with its place."""
    faulthandler.enable(2)  # standard error, also where `sys.stderr` is something else
    try:
        cli(standalone_mode=True)
    except GenomError as error:
        print(error, file=sys.stderr)
        sys.exit(2 if error.status == BadRequest.status else 1)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        os._exit(0)
