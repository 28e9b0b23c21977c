"""Does a certificate hold, in words? The proof itself is `check_certificate`, which needs no solver."""

import json
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from wenqu.errors import BadInput, FileMissing, FileUnreadable
from wenqu.messages import say
from wenqu.planning import check_certificate, check_rows
from wenqu.services.plan_case_files import read_plan_case

CITY = 2  # version of a certificate whose rules are rows (`write_certificate`)
FILES = ("options.csv", "plants.csv", "rules.json", "rows.json", "plan.csv")
WHOLE = {"seal", "plan", "once", "cost", "bound", "price", "aside"}  # faults that are not of one rule


@dataclass(frozen=True, slots=True)
class Checked:
    """What the recomputation says."""

    status: str  # proved | infeasible | stated (that there is none is the solver's word only) | broken
    cost: float  # [yuan]
    bound: float  # [yuan]
    faults: tuple[str, ...]
    of_city: bool = False  # its rules are rows
    windows: tuple[str, ...] = ()  # names of those that faults number

    @property
    def gap(self) -> float:
        """(cost - bound) / cost. [-]"""
        return (self.cost - self.bound) / self.cost if self.cost > 0 else 0.0

    def sentences(self, language: str) -> list[str]:
        """Return one sentence for each fault."""
        if self.of_city:
            return [row_sentence(fault, language) for fault in self.faults]
        return [_said(fault, language, self.windows) for fault in self.faults]


def verify_certificate(file: Path, folder: Path | None = None) -> Checked:
    """Recompute a certificate from its inputs and the plan beside it.

    Parameters
    ----------
    file
        certificate.json; ``plan.csv`` beside it must list the same options.
    folder
        Where the inputs lie, if not where the certificate says.

    Raises
    ------
    FileMissing, FileUnreadable
        A file is not there or is no JSON.
    BadInput
        The certificate lacks a part, or the inputs have another form than it says.
    """
    if not file.is_file():
        raise FileMissing(path=str(file))
    try:
        told = json.loads(file.read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise FileUnreadable("not-json", path=file.name) from error
    try:
        kind = check_rows if told["version"] == CITY else check_certificate
        found = kind.check(file, folder)
        faults = [*found["faults"], *_aside(told, folder or file.parent / told["folder"])]
    except FileNotFoundError as error:
        raise FileMissing(path=str(error.filename)) from error
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        changed = _changed(told, folder or file.parent)
        if changed:  # inputs that cannot be read any more are other ones
            return Checked("broken", 0.0, 0.0, changed)
        raise BadInput("certificate", said=str(error)) from error
    beside = file.parent / "plan.csv"
    if not beside.is_file() or _plan(beside) != sorted(told["plan"]):
        faults.append("plan.csv")
    if told.get("status") != "infeasible":
        status, windows = "broken" if faults else "proved", tuple(found.get("windows", ()))
        sums = found["cost"], found["bound"]
        return Checked(status, *sums, tuple(faults), of_city=kind is check_rows, windows=windows)
    # of no programme at all only the bound is to be checked: no choice of options costs more than the dearest
    broken = tuple(fault for fault in faults if fault.partition(" ")[0] in {*FILES, *WHOLE})
    shown = "infeasible" if found["bound"] > found["dearest"] else "stated"
    return Checked("broken" if broken else shown, found["cost"], found["bound"], broken)


def _aside(told: dict[str, Any], where: Path) -> list[str]:
    """Return a fault for each row that is left out though it could be used: all are read anew."""
    left_out = {name: rows for name, rows in told.get("set_aside", {}).items() if rows}
    really = read_plan_case(where).set_aside if left_out else {}
    return [
        f"aside {name} {row}" for name, rows in left_out.items() for row in sorted({*rows} - {*really[name]})
    ]


def _changed(told: Any, folder: Path) -> tuple[str, ...]:
    """Return which of the certified inputs are other ones now, () where the certificate does not say."""
    if not isinstance(told, dict) or not isinstance(told.get("sha256"), dict):
        return ()
    where = folder / str(told.get("folder", "."))
    return tuple(
        name
        for name, was in told["sha256"].items()
        if name in FILES
        and (where / name).is_file()
        and sha256((where / name).read_bytes()).hexdigest() != was
    )


def _plan(path: Path) -> list[str]:
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    return sorted(line.strip().strip('"') for line in lines[1:] if line.strip())


def _said(fault: str, language: str, windows: tuple[str, ...] = ()) -> str:
    kind, _, rest = fault.partition(" ")
    scope, _, window = rest.rpartition(" ")
    window = windows[int(window)] if window.isdecimal() and int(window) < len(windows) else window
    key = kind.replace(".", "-")
    return say(f"certificate.fault.{key}", language, scope=scope or say("plan.scope.city", language),
               window=window, option=rest)  # fmt: skip


def row_sentence(fault: str, language: str) -> str:
    """Return in words what is wrong with the certificate of a city's programme."""
    kind, _, rest = fault.partition(" ")
    if kind in WHOLE or "." in kind:
        return _said(fault, language)
    scope, _, window = rest.rpartition(" ")
    return say(
        "certificate.row", language, rule=say(f"plan.rule.{kind}", language),
        scope=scope or say("plan.scope.city", language), window=window,
    )  # fmt: skip
