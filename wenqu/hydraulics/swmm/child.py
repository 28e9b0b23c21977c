"""One run of the engine, alone in its own process.

Started as a script in the folder of the run. The engine's state belongs to the process, and it prints to file
descriptor 1 from C; so that descriptor leads nowhere and our own lines, one for each hundredth of the
run, go to a copy of it. A refusal is the toolkit's exception, uncaught: its words end up on standard error
and the exit status is not 0.
"""

import os
from datetime import datetime
from pathlib import Path

from swmm.toolkit import solver

# TimeProperty of swmm.toolkit.shared_enum, whose import alone takes longer than a small run.
START_DATE, END_DATE = 0, 1


def main() -> None:
    """Run ``model.inp`` of this folder to its end."""
    with os.fdopen(os.dup(1), "w", buffering=1) as say, Path(os.devnull).open("w") as nowhere:
        os.dup2(nowhere.fileno(), 1)
        solver.swmm_open("model.inp", "model.rpt", "model.out")
        solver.swmm_start(True)
        dates = [solver.simulation_get_datetime(kind) for kind in (START_DATE, END_DATE)]
        first, last = (datetime(*date) for date in dates)  # noqa: DTZ001
        days = max((last - first).total_seconds() / 86400, 1e-9)
        told = 0
        # One step at a time: swmm_stride cuts the last step of each stride and so changes the results.
        while elapsed := solver.swmm_step():
            if elapsed / days * 100 >= told + 1:
                told = int(elapsed / days * 100)
                say.write(f"{told}\n")
        solver.swmm_end()
        solver.swmm_report()
        solver.swmm_close()


if __name__ == "__main__":
    main()
