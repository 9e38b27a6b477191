"""One measurement of all served models' drift, by a short process: `python -m genom.app.training.drift_job DIR`."""

from __future__ import annotations

import logging
import os
import sys
import time
from pathlib import Path

from genom.app.logs import log_as_json
from genom.app.parent import end_with
from genom.app.training.drifting import measure_all
from genom.app.training.past import open_record
from genom.errors import GenomError
from genom.settings import load_settings

__all__ = ["main"]

log = logging.getLogger("genom.drift")


def main() -> int:
    """Measure, and log which models were measured."""
    log_as_json()
    end_with(os.getppid())
    os.nice(19)  # nobody waits for it
    directory, now = Path(sys.argv[1]), time.time_ns() // 1_000_000
    settings = load_settings(directory)
    try:
        done = measure_all(open_record(directory, settings, now=now), now=now, most_days=settings.model_days)
    except GenomError as error:
        log.error("drift was not measured", extra={"what": error.what, "why": error.why, "fix": error.fix})
        return 1
    log.info("drift was measured", extra={"models": done})
    return 0


if __name__ == "__main__":
    sys.exit(main())
