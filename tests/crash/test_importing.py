"""`genom import` and a real node: whichever of the two is killed, the import goes on, and everything is in once."""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path

import genom
from tests.conftest import StartNode
from tests.crash.witness import eventually
from tests.node import Node, clean_environment, genom_command

HERE = Path(genom.__file__).parents[1]
RECEIPTS = 150_000


def written(path: Path) -> Path:
    """Receipts of two lines each."""
    with path.open("w") as file:
        file.write("receipt;time;card;line;product;quantity;amount\n")
        for n in range(RECEIPTS):
            for line in (1, 2):
                file.write(f"R{n};2026-03-01 10:00:{n % 60:02d};{n % 500 + 1};{line};p{n % 97};1;{line},50\n")
    return path


def importing(node: Node, file: Path) -> subprocess.Popen[str]:
    command = [str(genom_command()), "import", "receipts", str(file), "--data", str(node.data)]
    environment = clean_environment({"PYTHONPATH": str(HERE)})
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def events(node: Node) -> int:
    count: int = node.get("/v1/stats")["events"]
    return count


def test_an_import_that_is_killed_goes_on_and_everything_is_in_once(start_node: StartNode, tmp_path: Path) -> None:
    node, file = start_node(), written(tmp_path / "receipts.csv")
    first = importing(node, file)
    eventually("the beginning of the import", lambda: list((node.data / "imports").glob("*.json")))
    first.send_signal(signal.SIGKILL)
    first.communicate()
    before = events(node)

    told = importing(node, file).communicate()[0]

    assert 0 < before < RECEIPTS
    assert "it goes on after row" in told
    assert f"{2 * RECEIPTS:,} rows: {2 * RECEIPTS:,} accepted, 0 rejected." in told
    assert events(node) == RECEIPTS
    assert not list((node.data / "imports").iterdir())


def test_a_node_that_is_killed_amid_an_import_loses_nothing_of_it(start_node: StartNode, tmp_path: Path) -> None:
    node, file = start_node(), written(tmp_path / "receipts.csv")
    running = importing(node, file)
    eventually("the beginning of the import", lambda: list((node.data / "imports").glob("*.json")))
    node.kill()
    running.send_signal(signal.SIGINT)  # it would wait for two minutes
    running.communicate()
    node = start_node(node.data)

    told = importing(node, file).communicate()[0]

    assert "it goes on after row" in told
    assert f"{2 * RECEIPTS:,} rows: {2 * RECEIPTS:,} accepted, 0 rejected." in told
    assert events(node) == RECEIPTS
