"""`genom learn`: train now, with progress, and tell the running node."""

from __future__ import annotations

import time
from pathlib import Path

from rich.console import Console

from genom.app.directory import running_node
from genom.app.training.job import learn_all
from genom.app.training.questions import MODELS
from genom.errors import BadConfiguration, NotFound, nearest
from genom.learn import load_current, markdown, model_names
from genom.settings import load_settings

__all__ = ["card_text", "learn_now"]


def learn_now(directory: Path, names: list[str], console: Console) -> int:
    """Train, say what came of each question; exit status 1 if nothing was trained."""
    _must_exist(directory)
    with console.status("Reading the journal") as status:
        cards, refused = learn_all(directory, names, progress=status.update)
    for card in cards:
        console.print(f"{card.name}: {card.model}, version {card.version}. {card.sentence['en']}")
    for error in refused:
        console.print(str(error))
    if cards and running_node(directory):
        console.print("The running node serves them now.")
    return 0 if cards else 1


def card_text(directory: Path, name: str) -> str:
    """A served model's card as Markdown; raises NotFound."""
    _must_exist(directory)
    folder, now = directory / MODELS, time.time_ns() // 1_000_000
    known = model_names(folder)
    stored = load_current(folder, name, now=now, most_days=load_settings(directory).model_days)[0] if known else None
    if name not in known or stored is None:
        raise NotFound(
            f"There is no model named {name[:80]!r} that can be served.",
            why=f"the registry holds {', '.join(known) or 'none'}",
            fix=nearest(name, known) or "train it with `genom learn`",
        )
    return markdown(stored.card)


def _must_exist(directory: Path) -> None:
    if not (directory / "journal").is_dir():
        raise BadConfiguration(
            f"There is no data directory {directory}.", why="it holds no journal", fix="start `genom up` once"
        )
