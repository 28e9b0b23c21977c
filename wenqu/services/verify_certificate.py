"""Does a certificate hold, in words? The proof itself is `check_certificate`, which needs no solver."""

import json
from dataclasses import dataclass
from pathlib import Path

from wenqu.errors import BadInput, FileMissing, FileUnreadable
from wenqu.messages import say
from wenqu.planning import check_certificate, check_rows

CITY = 2  # version of a certificate whose rules are rows (`write_certificate`)
WHOLE = {"plan", "once", "cost", "bound"}  # faults that are not of one rule


@dataclass(frozen=True, slots=True)
class Checked:
    """What the recomputation says."""

    status: str  # proved | infeasible | stated (that there is none is the solver's word only) | broken
    cost: float  # [yuan]
    bound: float  # [yuan]
    faults: tuple[str, ...]
    of_city: bool = False  # its rules are rows

    @property
    def gap(self) -> float:
        """(cost - bound) / cost. [-]"""
        return (self.cost - self.bound) / self.cost if self.cost > 0 else 0.0

    def sentences(self, language: str) -> list[str]:
        """Return one sentence for each fault."""
        told = row_sentence if self.of_city else _said
        return [told(fault, language) for fault in self.faults]


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
        kind = check_rows if told["version"] == CITY else check_certificate
        found = kind.check(file, folder)
    except FileNotFoundError as error:
        raise FileMissing(path=str(error.filename)) from error
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise FileUnreadable("not-json", path=file.name) from error
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BadInput("certificate", said=str(error)) from error
    faults = list(found["faults"])
    beside = file.parent / "plan.csv"
    if not beside.is_file() or _plan(beside) != sorted(told["plan"]):
        faults.append("plan.csv")
    if told.get("status") != "infeasible":
        status = "broken" if faults else "proved"
        return Checked(status, found["cost"], found["bound"], tuple(faults), of_city=kind is check_rows)
    # of no programme at all only the bound is to be checked: no choice of options costs more than the dearest
    inputs = tuple(fault for fault in faults if fault in told["sha256"])
    shown = "infeasible" if found["bound"] > found["dearest"] else "stated"
    return Checked("broken" if inputs else shown, found["cost"], found["bound"], inputs)


def _plan(path: Path) -> list[str]:
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    return sorted(line.strip().strip('"') for line in lines[1:] if line.strip())


def _said(fault: str, language: str) -> str:
    kind, _, rest = fault.partition(" ")
    scope, _, window = rest.rpartition(" ")
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
