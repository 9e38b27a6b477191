"""Settings: one table that feeds code, command line and docs."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import yaml

from genom.errors import BadConfiguration, nearest

__all__ = ["Settings", "load_settings", "setting_rows"]


_KINDS: Final[dict[type, str]] = {bool: "true or false", int: "a whole number", float: "a number", str: "a text"}
"""What a value of each type is called."""
_LONGEST: Final = 30  # days that a backup may hold somebody who was erased


def _setting(default: int | str, unit: str, help_text: str) -> Any:
    return field(default=default, metadata={"unit": unit, "help": help_text})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What an operator may change, in `DIR/settings.yaml`; every value has a default."""

    host: str = _setting("127.0.0.1", "address", "Address that the node listens on.")
    port: int = _setting(8765, "port", "Port that the node listens on.")
    public_url: str = _setting(
        "", "URL", "Address that browsers use, such as https://genom.example.org, if a proxy stands in front."
    )
    currency: str = _setting("EUR", "ISO 4217", "Reporting currency; other amounts without a rate feed no money gene.")
    body_bytes: int = _setting(500_000, "bytes", "Largest request body, after decompression.")
    event_bytes: int = _setting(32_768, "bytes", "Largest event sent with a write key.")
    server_event_bytes: int = _setting(262_144, "bytes", "Largest event sent with a server key.")
    event_depth: int = _setting(32, "levels", "Deepest nesting of an event.")
    queue_bytes: int = _setting(
        64_000_000, "bytes", "Events that may wait for the journal; above it the node answers 503."
    )
    group_events: int = _setting(2_000, "events", "Most events in one commit.")
    body_seconds: int = _setting(15, "seconds", "Longest time a client may take to send a body.")
    idle_seconds: int = _setting(20, "seconds", "Longest time an idle connection stays open.")
    segment_bytes: int = _setting(67_108_864, "bytes", "Size of a journal segment file.")
    dedupe_entries: int = _setting(
        50_000_000, "events", "Message ids remembered, 1.2 GB for 50 million; beyond it the oldest are forgotten."
    )
    people_max: int = _setting(2_000_000, "profiles", "Profiles that the node has room for.")
    state_seconds: int = _setting(60, "seconds", "How often the worker looks whether a state file is due.")
    learn_hours: int = _setting(24, "hours", "How often the worker trains the models; 0 = never.")
    model_days: int = _setting(30, "days", "A model made of older data is not served, so that erased persons leave it.")
    anchor_command: str = _setting(
        "", "", "Takes signed heads of the audit log as JSON on its input, to keep them elsewhere; run without a shell."
    )
    encrypt_bodies: bool = _setting(
        True, "", "Seal what is written to the journal under the keys of its people; off for benchmarks alone."
    )
    backup_keys: str = _setting(
        "", "directories", "Where the keys of the days of backups are, two places or more with : between; "
        "empty = DIR-backup-keys beside the data directory."
    )  # fmt: skip
    backup_days: int = _setting(
        _LONGEST, "days", "After how many days (1 to 30) a backup has ended: its key is destroyed."
    )
    segment_seconds: int = _setting(60, "seconds", "How often segments look at people of whom nothing was heard.")
    segment_floor: int = _setting(
        50, "people", "A segment with fewer people has no number and no list; 1 tells every count as it is."
    )
    console_idle_minutes: int = _setting(
        30, "minutes", "A console session that nobody uses for so long ends; 0 = after its seven days only."
    )
    lookups_per_minute: int = _setting(600, "requests", "People whom one key may try to find in a minute.")
    honour_dnt: bool = _setting(
        True, "", "Take the header DNT: 1 (Do Not Track) as an objection, as Sec-GPC: 1 always is."
    )
    ask_again_months: int = _setting(
        6, "months", "How long nobody is asked for a consent again that they refused; 0 = they may be asked at once."
    )
    bad_row_days: int = _setting(30, "days", "How long rejected events are kept.")
    bad_row_bytes: int = _setting(
        1_000_000_000, "bytes", "Most space that rejected events may take; then the oldest day goes."
    )

    @property
    def url(self) -> str:
        """Where browsers find the node.

        >>> Settings().url, Settings(public_url="https://genom.example.org/").url
        ('http://127.0.0.1:8765', 'https://genom.example.org')
        """
        return self.public_url.rstrip("/") or f"http://{self.host}:{self.port}"


def setting_rows() -> list[tuple[str, str, str, str]]:
    """Name, default, unit and help of every setting, for the docs.

    >>> setting_rows()[1]
    ('port', '8765', 'port', 'Port that the node listens on.')
    """
    return [(f.name, str(f.default), f.metadata["unit"], f.metadata["help"]) for f in fields(Settings)]


def load_settings(directory: Path) -> Settings:
    """Settings of a data directory: `settings.yaml`, overridden by `GENOM_PORT`.

    Raises BadConfiguration for an unknown key or a value of the wrong type.
    """
    path = directory / "settings.yaml"
    given: dict[str, Any] = (yaml.safe_load(path.read_text("utf-8")) or {}) if path.exists() else {}
    if port := os.environ.get("GENOM_PORT"):
        given["port"] = int(port) if port.isdigit() else port
    known = {f.name: f for f in fields(Settings)}
    for name, value in given.items():
        if name not in known:
            raise BadConfiguration(
                f"There is no setting named {name!r}.", why=f"{path} names it", fix=nearest(name, known) or "remove it"
            )
        unit = known[name].metadata["unit"]
        if type(value) is not type(known[name].default):
            raise BadConfiguration(
                f"The setting {name!r} has an unusable value {value!r}.",
                why=f"it must be {_KINDS[type(known[name].default)]}" + (f" ({unit})" if unit else ""),
                fix=f"change it in {path} or in the environment",
            )
    _check_public(given.get("public_url", ""), path)
    if not 1 <= (days := given.get("backup_days", _LONGEST)) <= _LONGEST:
        raise BadConfiguration(
            f"The setting 'backup_days' has an unusable value {days}.",
            why=f"those who were erased must leave backups within {_LONGEST} days",
            fix=f"make it 1 to {_LONGEST} in {path}",
        )  # fmt: skip
    return Settings(**given)


def _check_public(url: str, path: Path) -> None:
    try:
        parts = urlsplit(url)
        good = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port or 1) > 0
        good = good and parts.path in {"", "/"} and not (parts.query or parts.fragment or "@" in parts.netloc)
    except ValueError:
        good = False
    if url and not good:
        raise BadConfiguration(
            f"The setting 'public_url' has an unusable value {url!r}.",
            why="it must be a scheme and a name, without a path, a user or a question mark",
            fix=f"write it like https://genom.example.org in {path}",
        )
