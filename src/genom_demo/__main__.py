"""The demo's processes: `serve` is the web shop, `drive` its simulated people, `steer` starts or watches them."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from pathlib import Path
from typing import Final

from rich.console import Console

from genom_demo.driver import Wishes, drive
from genom_demo.parent import end_with
from genom_demo.prepare import REWARD_SECONDS
from genom_demo.problems import DemoProblem
from genom_demo.state import is_running, kept, set_pace
from genom_demo.watch import shown
from genom_demo.world.people import PEOPLE
from genom_demo.world.reactions import POINTS

__all__ = ["main"]

_WATCH: Final = 0.5  # seconds between looks at a driver that runs already


def main(arguments: list[str] | None = None) -> int:
    """Run a command; problems come out in words and with status 1."""
    given = _parser().parse_args(arguments)
    try:
        given.run(given)
    except DemoProblem as problem:
        sys.stderr.write(f"{problem}\n")
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _serve(given: argparse.Namespace) -> None:
    """The web shop in this process, its people in one of their own."""
    from genom_demo.serving import serve

    serve(
        url=given.url,
        server_key=_server_key(given.keys),
        state=given.state,
        port=given.port,
        driver=_driver(given),
        parent=given.parent,
    )


def _drive(given: argparse.Namespace) -> None:
    if given.pace is not None:
        set_pace(given.state, given.pace)
    wishes = Wishes(
        url=given.url, server_key=_server_key(given.keys), state=given.state, decisions=given.decisions,
        after_sample=given.after_sample, reward_seconds=given.reward_seconds, people=given.people,
        history=given.history,
        points=given.points, hour=given.hour,
    )  # fmt: skip
    end_with(given.parent)
    with shown(Console(stderr=True), often=not given.quiet) as show:
        drive(wishes, show=show)


def _steer(given: argparse.Namespace) -> None:
    """Drive, or change the pace of the driver that runs already and watch it."""
    if not is_running(given.state):
        _drive(given)
        return
    if given.pace is not None:
        set_pace(given.state, given.pace)
    begun = kept(given.state, "status.json", {}).get("decisions", 0)
    with shown(Console(), often=True) as show:
        while is_running(given.state):
            status = kept(given.state, "status.json", None)
            if status:
                show(status)
                if given.decisions is not None and status.get("decisions", 0) - begun >= given.decisions:
                    return
            time.sleep(_WATCH)


def _driver(given: argparse.Namespace) -> list[str]:
    """How `serve` starts the people."""
    command = [sys.executable, "-m", "genom_demo", "drive", "--url", given.url, "--keys", str(given.keys)]
    command += ["--state", str(given.state), "--parent", str(os.getpid()), "--quiet"]
    return [*command, *(["--after-sample"] if given.after_sample else [])]


def _server_key(keys: Path) -> str:
    try:
        return str(json.loads(keys.read_bytes())["server_key"])
    except (OSError, ValueError, KeyError) as error:
        raise DemoProblem(
            f"There is no server key in {keys}.", why=f"{type(error).__name__}: {error}", fix="start `genom up` once"
        ) from None


def _points(text: str) -> tuple[str, ...]:
    """Names with commas between them."""
    names = tuple(text.split(","))
    if unknown := set(names) - set(POINTS):
        raise argparse.ArgumentTypeError(f"there is no point {min(unknown)!r}; use some of {', '.join(POINTS)}")
    return names


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m genom_demo", description=__doc__)
    commands = parser.add_subparsers(required=True)
    for name, run in (("serve", _serve), ("drive", _drive), ("steer", _steer)):
        command = commands.add_parser(name)
        command.set_defaults(run=run)
        command.add_argument("--url", required=True, help="the node")
        command.add_argument("--keys", type=Path, required=True, help="the node's keys.json")
        command.add_argument("--state", type=Path, required=True, help="the demo's own directory")
        command.add_argument("--after-sample", action="store_true", help="wait until the sample shop is loaded")
        command.add_argument("--parent", type=int, help="process without which this one ends")
        if name == "serve":
            command.add_argument("--port", type=int, required=True)
            continue
        command.add_argument("--pace", type=float, help="visits a second")
        command.add_argument("--quiet", action="store_true", help="say only what begins")
        command.add_argument("--decisions", type=int, help="decisions about vouchers, then end")
        command.add_argument(
            "--reward-seconds", type=int, default=REWARD_SECONDS, help="within which an outcome counts"
        )
        command.add_argument("--people", type=int, default=PEOPLE, help="how many there are")
        command.add_argument("--points", type=_points, default=POINTS, help="what is asked in each visit")
        command.add_argument("--hour", type=float, help="local hour at which everybody comes, whatever the clock says")
        command.add_argument("--no-history", dest="history", action="store_false", help="nobody did anything before")
    return parser


if __name__ == "__main__":
    sys.exit(main())
