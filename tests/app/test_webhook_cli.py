"""The commands of webhooks, on a directory that no node serves."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from genom.app.cli import cli
from genom.errors import GenomError
from tests.app.house import House
from tests.collect.test_webhooks import BODY, DECLARED

Command = Callable[..., str]


@pytest.fixture
def genom(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Command:
    """Runs a command on a directory; returns what it printed."""
    with House(tmp_path / "data"):
        pass
    (tmp_path / "data" / "settings.yaml").write_text("people_max: 500\n", "utf-8")

    def run(*words: str) -> str:
        cli(["webhook", *words, "--data", str(tmp_path / "data")], standalone_mode=False)
        return capsys.readouterr().out

    return run


def written(tmp_path: Path, body: object, name: str = "webhooks.yaml") -> str:
    path = tmp_path / name
    path.write_text(yaml.safe_dump(body), "utf-8")
    return str(path)


def test_a_webhook_is_added_listed_and_removed(genom: Command, tmp_path: Path) -> None:
    assert genom("list") == "There are no webhooks.\n"

    added = genom("add", written(tmp_path, {"webhooks": [DECLARED]}))

    assert added.startswith("Webhook shop, version 1: POST /v1/webhooks/shop; secret ")
    secret = added.split()[-1]
    assert genom("add", written(tmp_path, DECLARED)) == "Webhook shop, version 1: POST /v1/webhooks/shop\n"
    assert genom("list") == "shop v1: source default, Order Completed\n"
    assert secret not in genom("list")
    assert genom("remove", "shop") == "Webhook shop removed.\n"
    assert genom("list") == "There are no webhooks.\n"


def test_a_body_is_tried(genom: Command, tmp_path: Path) -> None:
    genom("add", written(tmp_path, [DECLARED]))
    body = tmp_path / "body.json"
    body.write_text(json.dumps(BODY), "utf-8")
    other = tmp_path / "other.json"
    other.write_text("{}", "utf-8")

    told = json.loads(genom("try", "shop", str(body)))

    assert told["properties"]["order_id"] == 77
    assert "webhook.no-rule: `$.topic` is not there" in genom("try", "shop", str(other))


@pytest.mark.parametrize("text", ["a: [", "", "nothing"])
def test_a_file_that_declares_nothing_is_refused(genom: Command, tmp_path: Path, text: str) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(text, "utf-8")

    with pytest.raises(GenomError):
        genom("add", str(path))
