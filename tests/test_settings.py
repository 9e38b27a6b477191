"""Settings: what an operator writes, and what is refused in words."""

from __future__ import annotations

from pathlib import Path

import pytest

from genom.errors import BadConfiguration
from genom.settings import load_settings


def written(directory: Path, text: str) -> Path:
    (directory / "settings.yaml").write_text(text, "utf-8")
    return directory


@pytest.mark.parametrize("url", ["https://genom.example.org", "https://genom.example.org:8443/", "http://shop.local"])
def test_a_public_address_is_taken(tmp_path: Path, url: str) -> None:
    assert load_settings(written(tmp_path, f"public_url: {url}")).url == url.rstrip("/")


@pytest.mark.parametrize(
    "url",
    [
        "genom.example.org",
        "ftp://a.b",
        "https://",
        "https://a.b/genom",
        "https://u@a.b",
        "https://a.b?x",
        "https://a:x",
    ],
)
def test_what_is_no_public_address_is_refused_in_words(tmp_path: Path, url: str) -> None:
    with pytest.raises(BadConfiguration, match="public_url"):
        load_settings(written(tmp_path, f"public_url: '{url}'"))


def test_without_one_the_node_is_found_where_it_listens(tmp_path: Path) -> None:
    assert load_settings(written(tmp_path, "port: 9000")).url == "http://127.0.0.1:9000"


@pytest.mark.parametrize("days", [0, 31, -1])
def test_backups_cannot_be_kept_longer_than_a_month(tmp_path: Path, days: int) -> None:
    with pytest.raises(BadConfiguration, match="backup_days"):
        load_settings(written(tmp_path, f"backup_days: {days}"))
