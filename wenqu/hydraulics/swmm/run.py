"""What does the engine make of this model?"""

import re
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter

import numpy as np

from wenqu.errors import EngineFailed, FileMissing
from wenqu.hydraulics.swmm.encoding import decode
from wenqu.hydraulics.swmm.file_references import file_references, found_beside
from wenqu.hydraulics.swmm.names import with_ascii_names
from wenqu.hydraulics.swmm.options import with_options
from wenqu.hydraulics.swmm.out import SwmmResults, read_out
from wenqu.hydraulics.swmm.report import RptReading, read_rpt
from wenqu.hydraulics.swmm.sections import InpModel, parse_inp, with_tokens
from wenqu.issues import Issue, Weight

CHILD = Path(__file__).with_name("child.py")
# EPA SWMM User's Manual 5.2: above ten percent the validity of the results is to be questioned.
CONTINUITY_LIMIT = 0.10
SAID = 10  # sentences of the engine that an error repeats


@dataclass(frozen=True, slots=True)
class SwmmRun:
    """One finished run."""

    results: SwmmResults
    report: str  # the engine's report, with the names of the model
    continuity: dict[str, float]  # balance → error [-]
    warnings: tuple[str, ...]  # the engine's sentences
    issues: tuple[Issue, ...]  # balances that do not close
    version: str  # of the engine
    seconds: float  # [s] of wall clock
    written: dict[str, bytes]  # files that the model asked for (hot start, interface), by name

    @property
    def worst_continuity(self) -> float:
        """The largest error of any balance, regardless of sign. [-]"""
        return max((abs(error) for error in self.continuity.values()), default=0.0)


def run_swmm(
    inp: str | bytes,
    files: Mapping[str, bytes | Path] | None = None,
    *,
    options: Mapping[str, str] | None = None,
    progress: Callable[[float], None] | None = None,
    timeout: float = 3600.0,
    continuity_limit: float = CONTINUITY_LIMIT,
) -> SwmmRun:
    """Run EPA SWMM 5.2 on a model, in a process of its own, and return what it computed.

    The model runs in a temporary folder of its own: files it reads are taken from ``files`` by their
    last name whatever path the model gives them, and files it writes stay in that folder.

    Parameters
    ----------
    inp
        The input file: its bytes, or its text with line ends as they are. Names may be Chinese; the engine
        sees aliases.
    files
        Rain, climate, time series and interface files: name → content or path.
    options
        Values for [OPTIONS] in this run only, such as END_DATE.
    progress
        Told the share that is done, 0 to 1.
    timeout
        Longest time the engine may take. [s]
    continuity_limit
        Error of a balance above which there is an Issue. [-]

    Raises
    ------
    FileMissing
        The model reads a file that is not in ``files``.
    EngineFailed
        The engine refused the model, failed, or took too long; the fact ``said`` holds its sentences.
    """
    started = perf_counter()
    wanted = {"THREADS": "1", **(options or {})}
    inp_text = decode(inp).text.removeprefix("\ufeff") if isinstance(inp, bytes) else inp
    text, names = with_ascii_names(with_options(inp_text, wanted, keep_lines=True))
    with tempfile.TemporaryDirectory(prefix="wenqu-swmm-") as name:
        folder = Path(name)
        text, written = _with_local_files(text, files or {}, folder, names)
        (folder / "model.inp").write_text(text, encoding="ascii", newline="\n")
        _run_child(folder, progress, timeout, names)
        report = _named((folder / "model.rpt").read_text(encoding="ascii", errors="replace"), names)
        reading = read_rpt(report)
        if reading.errors:
            raise EngineFailed(engine="SWMM", said=_first(reading.errors))
        results = _renamed(read_out(folder / "model.out"), names)
        made = {n: (folder / f).read_bytes() for n, f in written.items() if (folder / f).is_file()}
    return SwmmRun(
        results,
        report,
        reading.continuity,
        reading.warnings,
        tuple(_continuity_issues(reading, continuity_limit)),
        reading.version,
        perf_counter() - started,
        made,
    )


def _with_local_files(
    text: str, files: Mapping[str, bytes | Path], folder: Path, names: Mapping[str, str]
) -> tuple[str, dict[str, str]]:
    """Put the files a model reads into the folder, under names the engine can read, and name them so."""
    model, _ = parse_inp(text.encode("ascii"))
    given = {name.replace("\\", "/").rpartition("/")[2]: content for name, content in files.items()}
    local: dict[str, str] = {}
    written: dict[str, str] = {}
    changes: dict[int, dict[int, str]] = {}
    for reference in file_references(model):
        path = names.get(reference.path, reference.path)
        reference_name = replace(reference, path=path).name
        taken = found_beside(reference_name, given)
        if reference.written:
            new = written.setdefault(reference_name, f"written{len(written)}")
        elif taken:
            new = local.setdefault(taken, f"file{len(local)}{_suffix(taken)}")
        elif reference.needed:
            raise FileMissing("beside", path=path, section=reference.section, line=reference.row.line)
        else:
            continue
        changes.setdefault(reference.row.line, {})[reference.place] = new
    for name, new in local.items():
        content = given[name]
        (folder / new).write_bytes(content if isinstance(content, bytes) else content.read_bytes())
    return _changed(model, changes), written


def _suffix(name: str) -> str:
    suffix = Path(name).suffix
    return suffix if suffix.isascii() else ""


def _changed(model: InpModel, changes: dict[int, dict[int, str]]) -> str:
    lines: list[str] = []
    for section in model.sections:
        lines += [section.header.text] if section.header is not None else []
        for row in section.rows:
            # A scratch folder of another machine would only make the engine fail.
            if section.name == "OPTIONS" and row.tokens and row.tokens[0].upper() == "TEMPDIR":
                lines.append("")
            else:
                lines.append(with_tokens(row, changes[row.line]) if row.line in changes else row.text)
    return "\n".join(lines)


def _run_child(
    folder: Path, progress: Callable[[float], None] | None, timeout: float, names: Mapping[str, str]
) -> None:
    """Run the engine in a folder until it ends.

    Raises
    ------
    EngineFailed
        It ended badly or took too long.
    """
    command = [sys.executable, "-P", str(CHILD)]
    late = threading.Event()
    with (folder / "stderr").open("w") as stderr:
        process = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=stderr, text=True)

        def stop() -> None:
            late.set()
            process.kill()

        timer = threading.Timer(timeout, stop)
        timer.start()
        with process:
            heard = False
            try:
                for line in process.stdout or ():
                    if progress is not None:
                        progress(int(line) / 100)
                heard = True
            finally:
                timer.cancel()
                if not heard:  # the caller's own progress failed: nobody waits for this run any more
                    process.kill()
    if late.is_set():
        raise EngineFailed("timeout", engine="SWMM", said="", seconds=timeout)
    if process.returncode:
        raise EngineFailed(engine="SWMM", said=_last_words(folder, names))


def _last_words(folder: Path, names: Mapping[str, str]) -> str:
    """Return why the engine ended: the errors in its report, else its exception."""
    rpt = folder / "model.rpt"
    errors = read_rpt(rpt.read_text(encoding="ascii", errors="replace")).errors if rpt.is_file() else ()
    stderr = (folder / "stderr").read_text(encoding="utf-8", errors="replace").strip()
    return _named(_first(errors) or " ".join(stderr.rpartition("Exception:")[2].split()), names)


def _first(errors: tuple[str, ...]) -> str:
    """Return the first sentences of the engine, and how many more there are."""
    more = f" (+{len(errors) - SAID})" if len(errors) > SAID else ""
    return " ".join(errors[:SAID]) + more


def _named(text: str, names: Mapping[str, str]) -> str:
    """Return a text with the model's own names in place of the aliases."""
    return re.sub(r"\bN_\d+\b", lambda match: names.get(match[0], match[0]), text) if names else text


def _renamed(results: SwmmResults, names: Mapping[str, str]) -> SwmmResults:
    if not names:
        return results
    groups = (results.catchments, results.nodes, results.links)
    renamed = [np.array([names.get(id_, id_) for id_ in ids], dtype=object) for ids in groups]
    return replace(results, catchments=renamed[0], nodes=renamed[1], links=renamed[2])


def _continuity_issues(reading: RptReading, limit: float) -> list[Issue]:
    return [
        Issue("inp.continuity", Weight.FAULT, facts={"balance": balance, "error": error, "limit": limit})
        for balance, error in reading.continuity.items()
        if abs(error) > limit
    ]
