"""One training of all questions, by a short process: `python -m genom.app.learn_job DIR [QUESTION …]`."""

from __future__ import annotations

import logging
import os
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

# before numpy is loaded; threads that wait must not take the node's processor
for _name, _value in (("OMP_NUM_THREADS", "2"), ("OPENBLAS_NUM_THREADS", "2"), ("OMP_WAIT_POLICY", "PASSIVE")):
    os.environ.setdefault(_name, _value)

from genom.app.learning import learn  # noqa: E402
from genom.app.learning_past import open_record  # noqa: E402
from genom.app.logs import log_as_json  # noqa: E402
from genom.app.parent import end_with  # noqa: E402
from genom.app.questions import questions_of  # noqa: E402
from genom.errors import BadConfiguration, GenomError  # noqa: E402
from genom.learn.card import Card  # noqa: E402
from genom.learn.questions import find_question  # noqa: E402
from genom.settings import load_settings  # noqa: E402

__all__ = ["learn_all", "main"]

log = logging.getLogger("genom.learn")


def learn_all(
    directory: Path, names: Iterable[str] = (), *, progress: Callable[[str], None] = lambda _: None
) -> tuple[list[Card], list[GenomError]]:
    """Train the named questions, or all; the cards of what was trained, and why the others were not."""
    questions = questions_of(directory)
    chosen = [find_question(questions, name) for name in names] or list(questions.values())
    now = time.time_ns() // 1_000_000
    record = open_record(directory, load_settings(directory), now=now)
    cards: list[Card] = []
    refused: list[GenomError] = []
    for question in chosen:
        try:
            cards.append(learn(record, question, now=now, progress=progress).card)
        except BadConfiguration as error:
            refused.append(error)
    return cards, refused


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
