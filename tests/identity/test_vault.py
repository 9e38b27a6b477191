from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genom.errors import Busy, Corrupt, UnknownFormat
from genom.identity import Vault

KEY = bytes(32)
ADA = {"email": "ada@example.org", "name": "Ada Lovelace"}


def bytes_on_disk(path: Path) -> bytes:
    return b"".join(file.read_bytes() for file in path.parent.iterdir())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "vault.sqlite"


def test_values_survive_a_restart(path: Path) -> None:
    first = Vault(path, KEY)
    first.put({7: ADA, 8: {"phone": "+49"}})
    first.close()

    again = Vault(path, KEY)

    assert again.get(7) == ADA
    assert again.get(9) == {}
    assert again.count() == 3


def test_a_new_value_replaces_the_former_and_leaves_the_others(path: Path) -> None:
    vault = Vault(path, KEY)
    vault.put({7: ADA})

    vault.put({7: {"email": "new@example.org"}})

    assert vault.get(7) == {"email": "new@example.org", "name": "Ada Lovelace"}


def test_no_value_lies_on_the_disk_in_plain(path: Path) -> None:
    Vault(path, KEY).put({7: ADA})

    assert b"ada@" not in bytes_on_disk(path)
    assert b"Lovelace" not in bytes_on_disk(path)


def test_only_the_owner_can_open_its_files(path: Path) -> None:
    vault = Vault(path, KEY)
    vault.put({7: ADA})

    modes = {file.name: file.stat().st_mode & 0o777 for file in path.parent.iterdir()}

    assert modes == {"vault.sqlite": 0o600, "vault.sqlite-wal": 0o600, "vault.sqlite-shm": 0o600}


def test_an_erased_value_is_gone_from_every_file(path: Path) -> None:
    vault = Vault(path, KEY)
    vault.put({7: ADA, 8: {"email": "bob@example.org"}})
    sealed = vault._database.execute("SELECT value FROM direct WHERE profile = 7").fetchall()

    vault.erase(7)

    assert vault.get(7) == {}
    assert vault.get(8) == {"email": "bob@example.org"}
    assert not any(value in bytes_on_disk(path) for (value,) in sealed)


def test_equal_values_look_different(path: Path) -> None:
    vault = Vault(path, KEY)
    vault.put({1: {"name": "Ada"}, 2: {"name": "Ada"}})

    (one,), (two,) = vault._database.execute("SELECT value FROM direct").fetchall()

    assert one != two


@pytest.mark.parametrize(
    "change", ["profile = 8", "type = 'name'", "value = CAST(value || '!' AS BLOB)", "value = x'00'"]
)
def test_a_moved_or_changed_value_is_noticed(path: Path, change: str) -> None:
    vault = Vault(path, KEY)
    vault.put({7: {"email": "ada@example.org"}})

    vault._database.execute(f"UPDATE direct SET {change}")

    with pytest.raises(Corrupt, match="cannot be read"):
        vault.get(8 if "profile" in change else 7)


def test_another_key_opens_nothing(path: Path) -> None:
    Vault(path, KEY).put({7: ADA})

    with pytest.raises(Corrupt):
        Vault(path, bytes([1]) * 32).get(7)


def test_a_full_disk_is_said_and_changes_nothing(path: Path) -> None:
    vault = Vault(path, KEY)
    vault.put({1: ADA})
    vault._database.execute(f"PRAGMA max_page_count = {vault._database.execute('PRAGMA page_count').fetchone()[0]}")

    with pytest.raises(Busy, match="full"):
        vault.put({n: {"name": "x" * 100} for n in range(1, 500)})

    assert vault.count() == 2
    assert vault.get(1) == ADA


def test_a_file_that_is_no_vault_is_refused(path: Path) -> None:
    path.write_bytes(b"something else" * 100)

    with pytest.raises(Corrupt, match="cannot be read"):
        Vault(path, KEY)


def test_a_newer_format_is_refused(path: Path) -> None:
    Vault(path, KEY).close()
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA user_version = 2")
    database.close()

    with pytest.raises(UnknownFormat, match="cannot be read"):
        Vault(path, KEY)


def test_threads_may_write_and_read_at_once(path: Path) -> None:
    vault = Vault(path, KEY)

    def write_and_read(profile: int) -> dict[str, str]:
        vault.put({profile: {"name": f"n{profile}"}})
        return vault.get(profile)

    with ThreadPoolExecutor(8) as pool:
        read = list(pool.map(write_and_read, range(1, 41)))

    assert read == [{"name": f"n{profile}"} for profile in range(1, 41)]


@given(values=st.dictionaries(st.text(), st.text(st.characters(exclude_categories=()))))
def test_any_text_comes_back(tmp_path_factory: pytest.TempPathFactory, values: dict[str, str]) -> None:
    vault = Vault(tmp_path_factory.mktemp("vault") / "vault.sqlite", KEY)

    vault.put({1: values})

    assert vault.get(1) == values
    vault.close()
