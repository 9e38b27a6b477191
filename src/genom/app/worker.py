"""The worker: everything slow, in a process of its own; reads the journal and talks to the node over HTTP."""

from __future__ import annotations

import argparse
import json
import logging
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Final

from genom.app.activating.courier import deliver
from genom.app.logs import log_as_json
from genom.app.parent import end_with
from genom.app.sample_shop import ORIGIN, NodeClient, load_sample, shown
from genom.app.state_due import state_due
from genom.app.training.calm import wait_for_calm
from genom.app.training.questions import MODELS
from genom.learn import model_names

__all__ = ["main"]

log = logging.getLogger("genom.worker")

_FIRST_TRAINING: Final = 900  # seconds after the start of a node that begins without people


def main() -> int:
    """Load the sample if asked, then write state files until the node ends."""
    arguments = _arguments()
    log_as_json()
    server_key = json.loads((arguments.data / "keys.json").read_bytes())["server_key"]
    end_with(arguments.node)  # a node that was killed takes its worker along, also while that loads
    threading.Thread(target=_compile_kernel, args=(arguments.data,), daemon=True).start()
    threading.Thread(target=deliver, args=(arguments.url, server_key), daemon=True).start()
    client = NodeClient(arguments.url, server_key)
    try:
        if arguments.sample:
            _load(client, arguments.consents)
            _write_state(arguments.data)
        files = _StateFiles(arguments.data, client)
        due = _first_training(arguments)
        due = _learn(arguments, client, files, due=due)
        while _node_lives(arguments.node, arguments.every):
            files.look()
            due = _learn(arguments, client, files, due=due)
    finally:
        client.close()
    return 0


class _StateFiles:
    """Writes one when it is due; the first is made anyway, for older ones may be of other genes."""

    def __init__(self, data: Path, client: NodeClient) -> None:
        self._data, self._client, self._since, self._fresh = data, client, time.time(), False

    def look(self) -> None:
        """Write one if it is due."""
        last = _last(self._client)
        if not self._fresh or state_due(self._data / "state", last=last, now=time.time(), since=self._since):
            _write_state(self._data)
        self._fresh = True

    def sleep(self, seconds: float) -> None:
        """Sleep, and look: an import that a training waits for makes them due."""
        time.sleep(seconds)
        self.look()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="genom-worker")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--url", required=True)
    parser.add_argument("--node", type=int, required=True, help="process id of the node")
    parser.add_argument("--every", type=int, required=True, help="seconds between looks whether a state file is due")
    parser.add_argument("--learn", type=int, default=0, help="hours between trainings; 0 = never")
    parser.add_argument("--sample", action="store_true")
    parser.add_argument("--consents", default="simulated")
    return parser.parse_args()


def _compile_kernel(data: Path) -> None:
    """In a process of its own, as a compilation holds the interpreter's lock; the node loads what comes of it."""
    job = subprocess.run([sys.executable, "-m", "genom.app.genes.kernel_job", str(data)], check=False)  # noqa: S603 -- our own program
    if job.returncode:
        log.error("the kernel of these genes could not be compiled; the interpreter serves, at half the speed")


def _first_training(arguments: argparse.Namespace) -> float:
    """When the models are trained first (monotonic seconds): at once with the sample, later where nobody came yet.

    What was trained before waits for its turn: a restart must not cost minutes of processor time.
    """
    now = time.monotonic()
    if model_names(arguments.data / MODELS):
        return now + float(arguments.learn) * 3600
    return now if arguments.sample else now + _FIRST_TRAINING


def _learn(arguments: argparse.Namespace, client: NodeClient, files: _StateFiles, *, due: float) -> float:
    """Train the models when it is time and no import runs, in a process of its own that has the node serve them.

    Returns when it is time again.
    """
    if not arguments.learn or time.monotonic() < due:
        return due
    wait_for_calm(lambda: _stats(client), sleep=files.sleep)
    job = [sys.executable, "-m", "genom.app.training.job", str(arguments.data)]
    if subprocess.run(job, check=False).returncode:  # noqa: S603 -- our own program
        log.error("no model could be trained; the old ones are served while they may be")
    measure = [sys.executable, "-m", "genom.app.training.drift_job", str(arguments.data)]
    if subprocess.run(measure, check=False).returncode:  # noqa: S603 -- our own program
        log.error("the drift of the models could not be measured")
    return time.monotonic() + float(arguments.learn) * 3600


def _load(client: NodeClient, consents: str) -> None:
    state = json.loads(client.call("GET", "/v1/sample"))
    if state["state"] == "complete":
        return
    if state["state"] == "none":
        print(ORIGIN, flush=True)
    with shown() as progress:
        load_sample(client, now_ms=time.time_ns() // 1_000_000, consents=consents, progress=progress)
    print("The sample shop is loaded.", flush=True)


def _node_lives(node: int, seconds: int) -> bool:
    """Wait; false as soon as the node has ended."""
    for _ in range(seconds * 2):
        if os.getppid() != node:
            return False
        time.sleep(0.5)
    return True


def _last(client: NodeClient) -> int:
    """The newest row that the node has folded."""
    return _stats(client)["position"]


def _stats(client: NodeClient) -> dict[str, int]:
    counts: dict[str, int] = json.loads(client.call("GET", "/v1/stats"))
    return counts


def _write_state(data: Path) -> None:
    """In a process of its own, so that its memory is given back."""
    command = [sys.executable, "-X", "faulthandler", "-m", "genom.app.state_job", str(data)]
    job = subprocess.run(command, check=False)  # noqa: S603 -- our own program
    if job.returncode:
        log.error(
            "no state file could be written; a restart reads the journal instead", extra={"status": job.returncode}
        )


if __name__ == "__main__":
    sys.exit(main())
