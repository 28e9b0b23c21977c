"""What of a delivery is kept beside its inspections: each report as it came, and what no report names."""

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from wenqu.services.prepare_inspections import Prepared
from wenqu.store.changes import OpenChange
from wenqu.store.database import Store
from wenqu.store.files import Kept

FOLDER = "deliveries/"  # documents of a city: deliveries/<delivery>/<file>


def source_name(delivery: str, file: str) -> str:
    """Return the document that keeps a file of a delivery.

    Examples
    --------
    >>> source_name("0a1b", "五月/检测报告.docx")
    'deliveries/0a1b/五月/检测报告.docx'
    """
    return f"{FOLDER}{quote(delivery, safe='')}/{file}"


def keep_sources(store: Store, made: Prepared, folder: Path) -> dict[str, Kept]:
    """Put the reports of a delivery, and the pictures and films that none names, into the store."""
    names = [*(one.file for one in made.reports), *made.strays]
    there = [name for name in dict.fromkeys(names) if (folder / name).is_file()]
    return {name: store.keep(made.city, folder / name, ours=True) for name in there}


def write_sources(
    store: Store, change: OpenChange, city: str, delivery: str, kept: Mapping[str, Kept], *, all_: bool
) -> int:
    """Write the files of a delivery as documents and return how many.

    ``all_``: those too that are kept from an earlier one.
    """
    known = set() if all_ else {one.sha256 for one in store.documents(city) if one.name.startswith(FOLDER)}
    fresh = {name: one for name, one in kept.items() if one.sha256 not in known}
    for name, one in fresh.items():
        change.write_kept(source_name(delivery, name), one)
    return len(fresh)
