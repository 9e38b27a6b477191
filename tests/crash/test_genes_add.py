"""Law L4 while genes are added: after kill -9 in any phase either the old version or the new one serves, whole."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

import genom
from tests.app.gene_house import FADING, LARGE, NEW, write_few
from tests.conftest import StartNode
from tests.crash.witness import Witness, eventually, kill_all
from tests.node import Node, clean_environment, genom_command

HERE = Path(genom.__file__).parents[1]
EVERY_ORDER = LARGE.replace("from: 10", "from: 1")


def environment(hold: str = "") -> dict[str, str]:
    """That of a node whose job stops at a step."""
    path = os.pathsep.join([str(Path(__file__).with_name("holds")), str(HERE)])
    return {"PYTHONPATH": path, "GENE_HOLD": hold}


def change_of(node: Node) -> dict[str, Any]:
    change: dict[str, Any] = node.get("/v1/genes/versions")["change"]
    return change


def settled(node: Node) -> dict[str, Any]:
    """The change, once it has ended."""
    eventually("the end of the change", lambda: change_of(node)["state"] != "running")
    return change_of(node)


def verified(node: Node) -> bool:
    command = [str(genom_command()), "verify", "--data", str(node.data)]
    return subprocess.run(command, env=clean_environment(environment()), check=False).returncode == 0


def values(node: Node, user: str) -> dict[str, Any]:
    """Gene → value of a person."""
    person = node.post("/v1/people:lookup", {"type": "user_id", "value": user})["person"]
    return {gene["id"]: gene.get("value") for gene in node.get(f"/v1/people/{person}/genome")["genes"]}


def check_filled(node: Node, witness: Witness) -> None:
    """The new gene knows of every order, as the old ones do."""
    for user in sorted(set(witness.sent.values())):
        found = values(node, user)
        assert found[NEW] == found["rhythm.orders.count.lifetime"], user


def loaded(node: Node, witness: Witness) -> None:
    eventually("a load", lambda: len(witness.acknowledged) > 400)


SOAK = [pytest.param(phase, marks=pytest.mark.soak) for phase in ("compile", "write")]


@pytest.mark.parametrize("phase", ["fold", "done", *SOAK])
def test_a_kill_while_genes_are_added_leaves_a_whole_version(start_node: StartNode, tmp_path: Path, phase: str) -> None:
    data, witness = tmp_path / "data", Witness()
    write_few(data)
    node = start_node(data, env=environment(phase))
    with witness.load(node):
        loaded(node, witness)
        node.post("/v1/genes/versions", {"file": "large.yaml", "text": EVERY_ORDER})
        eventually(phase, lambda: change_of(node)["step"] == phase)
        user = next(iter(witness.sent.values()))
        assert NEW not in values(node, user)
        old = set(values(node, user))
        kill_all(node)

    node = start_node(data, env=environment())

    assert set(values(node, user)) - old in (set(), {FADING, NEW})
    witness.check(node)
    change = settled(node)
    assert (change["state"], change["tries"]) == ("done", 2), change["why"]
    check_filled(node, witness)
    witness.check(node)
    assert verified(node)


def test_genes_added_and_taken_back_under_load_lose_and_double_nothing(start_node: StartNode, tmp_path: Path) -> None:
    data, witness = tmp_path / "data", Witness()
    write_few(data)
    node = start_node(data, env=environment())
    with witness.load(node):
        loaded(node, witness)
        node.post("/v1/genes/versions", {"file": "large.yaml", "text": EVERY_ORDER})
        assert settled(node)["state"] == "done"
    check_filled(node, witness)
    with witness.load(node):
        node.post("/v1/genes/versions:rollback", {})
        assert settled(node)["state"] == "done"

    assert set(witness.statuses) <= {200, 503}
    witness.check(node)
    assert NEW not in values(node, next(iter(witness.sent.values())))
    assert verified(node)
