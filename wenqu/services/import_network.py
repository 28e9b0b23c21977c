"""Bring a network in: good rows enter at once, in one change, bad ones wait with a proposed repair."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from wenqu.issues import Issue
from wenqu.network.formats.encodings import demand_encoding
from wenqu.network.formats.fieldmap import read_fieldmap
from wenqu.network.model import City
from wenqu.progress import Progress, part, silent
from wenqu.services.accept_import import accept_import, told_issues
from wenqu.services.city_grid import read_grid
from wenqu.services.let_in_inspections import settle_inspections
from wenqu.services.read_files import How
from wenqu.services.stage_import import Import, stage_import
from wenqu.services.take_in import with_firm_map
from wenqu.store.database import Store


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did."""

    city: City
    counts: dict[str, int]  # rows that entered by asset type
    changed: dict[str, dict[str, int]]  # by asset type: new, changed, same
    issues: tuple[Issue, ...]  # of the file, then of the network as it now is
    queued: int  # rows that wait outside
    mended: int  # findings put right by rule
    encoding: str
    version: int  # number of the change; that of the last one when nothing changed
    made: Import


def import_network(  # noqa: PLR0913 what, into what, how read, by whom; each face gives them by name
    store: Store,
    paths: Path | Sequence[Path],
    city_code: str,
    *,
    crs: str | None = None,
    fieldmap: Path | None = None,
    firm: str = "",
    survey: str = "",
    grid: Path | None = None,
    encoding: str = "",
    overrule: bool = False,
    close_gone: bool = False,
    who: str,
    why: str,
    progress: Progress = silent,
) -> ImportReport:
    """Read a delivery (one file or several, of any known format) into a city, which is made if it is new.

    Everything that is written (assets, issues, waiting rows, the model or the field map) is one change.
    Coordinates are turned into the city's coordinate system; a new city takes that of the file. The
    field map of an earlier delivery of the same firm or file is used again unless another is given.
    ``overrule`` says that ``crs`` is right where a file names another system.

    Raises
    ------
    BadInput, FileMissing, FileUnreadable, UnknownUnit
        The file cannot be used; nothing was written.
    """
    files = [paths] if isinstance(paths, Path) else list(paths)
    map_ = read_fieldmap(fieldmap) if fieldmap else None
    own = read_grid(grid) if grid else None
    demand_encoding(encoding)
    how = How(
        crs or "", fieldmap=map_, firm=firm, survey=survey, grid=own, encoding=encoding, overrule=overrule
    )
    made = stage_import(store, files, city_code, how, part(progress, 0.0, 0.7))
    made = with_firm_map(made, firm, files)
    entering = part(progress, 0.7, 1.0)
    done = accept_import(store, made, who=who, why=why, close_gone=close_gone, progress=entering)
    settle_inspections(store, city_code, who=who, why=why)
    return ImportReport(
        made.city,
        {type_: len(table) for type_, table in made.staged.tables.items()},
        {type_: dict(counts) for type_, counts in done.changed.items()},
        tuple(told_issues(made)),
        done.waiting,
        done.mended,
        ", ".join(sorted({name for name in made.encodings.values() if name})),
        done.number,
        made,
    )
