"""One training of all questions, by a short process: `python -m genom.app.training.job DIR [QUESTION …]`."""

from __future__ import annotations

import ctypes
import json
import logging
import os
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Final

# before numpy is loaded; threads that wait must not take the node's processor
for _name, _value in (("OMP_NUM_THREADS", "2"), ("OPENBLAS_NUM_THREADS", "2"), ("OMP_WAIT_POLICY", "PASSIVE")):
    os.environ.setdefault(_name, _value)

from genom.app.directory import running_node  # noqa: E402
from genom.app.logs import log_as_json  # noqa: E402
from genom.app.parent import end_with  # noqa: E402
from genom.app.sample.client import NodeClient  # noqa: E402
from genom.app.training.learning import learn  # noqa: E402
from genom.app.training.past import open_record  # noqa: E402
from genom.app.training.questions import MODELS, questions_of  # noqa: E402
from genom.app.training.status import TrainingStatus, training  # noqa: E402
from genom.errors import BadConfiguration, GenomError  # noqa: E402
from genom.learn.card import Card  # noqa: E402
from genom.learn.questions import find_question  # noqa: E402
from genom.settings import load_settings  # noqa: E402

__all__ = ["learn_all", "main"]

log = logging.getLogger("genom.learn")

_MMAP_THRESHOLD: Final = -3  # `M_MMAP_THRESHOLD` of malloc.h: allocations from this size on are mapped alone


def learn_all(
    directory: Path, names: Iterable[str] = (), *, progress: Callable[[str], None] = lambda _: None
) -> tuple[list[Card], list[GenomError]]:
    """Train the named questions, or all; the cards of what was trained, and why the others were not.

    A running node serves each model as soon as it is there; questions about persons, which are soon answered, come
    first.
    """
    questions = questions_of(directory)
    chosen = [find_question(questions, name) for name in names]
    chosen = chosen or sorted(questions.values(), key=lambda question: question.each != "")
    cards: list[Card] = []
    refused: list[GenomError] = []
    _give_back_memory()
    with training(directory / MODELS, chosen, waiting=progress) as status:
        now = time.time_ns() // 1_000_000
        record = open_record(directory, load_settings(directory), now=now)
        for question in chosen:
            tell = _teller(status, question.id, progress)
            try:
                card = learn(record, question, now=now, progress=tell).card
            except BadConfiguration as error:
                refused.append(error)
                status.step(question.id, "refused", f"{error.what} {error.why}.", code=error.code)
                continue
            finally:
                _give_back_memory()
            cards.append(card)
            _have_it_served(directory)
            status.step(question.id, "served", f"{card.model}, version {card.version}")
    return cards, refused


def _give_back_memory() -> None:
    """Have freed arrays go back to the system at once: the C library keeps them otherwise, in pieces."""
    with suppress(OSError, AttributeError):  # another C library than glibc
        libc = ctypes.CDLL("libc.so.6")
        libc.mallopt(_MMAP_THRESHOLD, 1 << 20)
        libc.malloc_trim(0)


def _teller(status: TrainingStatus, question: str, progress: Callable[[str], None]) -> Callable[[str], None]:
    def tell(text: str) -> None:
        status.step(question, "training", text)
        progress(text)

    tell(f"{question}: reading the journal")
    return tell


def _have_it_served(directory: Path) -> None:
    """Have a running node take in what was trained; one that cannot now does at its next start."""
    node = running_node(directory)
    if not node or "url" not in node:
        return
    client = NodeClient(str(node["url"]), json.loads((directory / "keys.json").read_bytes())["server_key"], patience=5)
    try:
        client.call("POST", "/v1/models:refresh", b"{}")
    except GenomError as error:
        log.warning("the node has not taken in a model", extra={"why": error.why})
    finally:
        client.close()


def main() -> int:
    """Train, and log what came of it; what cannot be trained yet is no failure of the job."""
    log_as_json()
    end_with(os.getppid())
    os.nice(19)  # minutes of work, which must not make anybody wait
    try:
        cards, refused = learn_all(Path(sys.argv[1]), sys.argv[2:])
    except GenomError as error:
        log.error("nothing was trained", extra={"what": error.what, "why": error.why, "fix": error.fix})
        return 1
    for card in cards:
        log.info("trained", extra={"model": card.name, "kind": card.model, "version": card.version})
    for no in refused:
        log.warning("not trained", extra={"what": no.what, "why": no.why, "fix": no.fix})
    return 0


if __name__ == "__main__":
    sys.exit(main())
