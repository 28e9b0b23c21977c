"""How is the proof of a city's programme written down, so that anybody can check it?

The folder is the certificate of a city as `plan_case` writes that of a stated case: ``certificate.json`` with
hashes, prices, bound and plan; ``rows.json`` with every rule as a row; ``options.csv`` with what every option
adds to the sums. `wenqu plan verify` recomputes it with the standard library alone.
"""

import csv
import hashlib
import io
import zipfile
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import orjson

from wenqu.errors import FileUnreadable, NotEnoughData
from wenqu.planning.check_rows import SHARES, check, seal
from wenqu.planning.demands import Draft, portfolio_of
from wenqu.planning.programme import Grounds, rows_of
from wenqu.planning.whole_numbers import dearest_cost
from wenqu.services.programme_proof import Proof
from wenqu.services.write_plan_case import CERTIFICATE, METHOD, PLAIN, PLAN

OPTIONS, ROWS = "options.csv", "rows.json"
STAMP = (1980, 1, 1, 0, 0, 0)  # of the files in an archive: the same proof gives the same bytes


def certificate_files(proof: Proof) -> dict[str, bytes]:
    """Return the certificate of a city's programme, file by file.

    Raises
    ------
    NotEnoughData
        The programme keeps not every rule, or was filed before there were certificates.
    """
    if proof.grounds is None:
        raise NotEnoughData("no-certificate", programme=proof.programme)
    grounds = proof.grounds
    draft = rows_of(grounds.options, grounds.plants, grounds.rules, grounds.lengths)
    given = portfolio_of(draft)
    names = _names(draft)
    place = {name: row for row, name in enumerate(names)}
    wanted = [
        _name(draft, int(row), int(window))
        for row, window in zip(proof.choice.options, proof.choice.windows, strict=True)
    ]
    plan = sorted(wanted, key=lambda name: place.get(name, -1))
    cost = float(sum(given.cost[place[name]] for name in plan if name in place))
    files = {OPTIONS: _options(draft, given.cost, names), ROWS: orjson.dumps(_rows(draft), option=PLAIN)}
    body = {
        "what": "Wenqu certificate of a city's programme",
        "version": 2,
        "programme": proof.programme,
        "folder": ".",
        "sha256": {name: hashlib.sha256(content).hexdigest() for name, content in files.items()},
        "status": "proved",
        "cost": cost,
        "bound": grounds.bound,
        "method": METHOD,
        "wenqu": version("wenqu"),
        "prices": list(_prices(draft, grounds, dearest_cost(given))),
        "plan": plan,
    }
    files[PLAN] = _table([("option_id",), *((name,) for name in plan)])
    body["seal"] = seal(orjson.loads(orjson.dumps(body, option=PLAIN)))
    files[CERTIFICATE] = orjson.dumps(body, option=PLAIN)
    return files


def write_certificate(proof: Proof, folder: Path) -> Path:
    """Write the certificate of a city's programme into a folder; return its file.

    Raises
    ------
    NotEnoughData
        See `certificate_files`.
    FileUnreadable
        The folder cannot be made or written.
    """
    files = certificate_files(proof)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            (folder / name).write_bytes(content)
    except OSError as error:
        raise FileUnreadable("system", path=folder.name, said=error.strerror or "") from error
    return folder / CERTIFICATE


def certificate_archive(proof: Proof) -> bytes:
    """Return the folder of a certificate as one ZIP archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in certificate_files(proof).items():
            archive.writestr(zipfile.ZipInfo(name, STAMP), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _name(draft: Draft, option: int, window: int) -> str:
    return f"{draft.options.ids[option]}@{draft.rules.windows[window]}"


def _names(draft: Draft) -> list[str]:
    option, slot = draft.placed
    return [_name(draft, row, window) for row, window in zip(option.tolist(), slot.tolist(), strict=True)]


def _options(draft: Draft, cost: Any, names: list[str]) -> bytes:
    option, slot = draft.placed
    made, package = draft.options, draft.options.package[option]
    columns: dict[str, list[Any]] = {
        "option_id": names,
        "package_id": made.package_ids[package].tolist(),
        "plant_id": made.plant[package].tolist(),
        "district": made.district[package].tolist(),
        "window": [draft.rules.windows[one] for one in slot],
        "cost": [repr(one) for one in cost.tolist()],
    }
    for one in draft.quantities.values():
        columns[one.name] = [repr(value) for value in one.each[option].tolist()]
    return _table([tuple(columns), *zip(*columns.values(), strict=True)])


def _table(rows: list[Any]) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue().encode()


def _rows(draft: Draft) -> dict[str, Any]:
    """Return every rule as a row, which sums it is over, and which plants a share counts."""
    windows = draft.rules.windows
    rows = []
    for row, terms in zip(draft.rows, draft.terms, strict=True):
        body: dict[str, Any] = {
            "rule": row.rule, "scope": row.scope, "window": row.window,
            "amount": row.amount, "size": row.size,
            "sum": [
                {
                    "quantity": term.quantity, "times": term.times,
                    "windows": [windows[one] for one in term.slots],
                    "scopes": None if term.scopes is None else list(term.scopes),
                }
                for term in terms
            ],
        }  # fmt: skip
        if row.plant >= 0:
            member = draft.members[row.plant]
            body |= {"share": member.share, "plant": str(draft.plants.ids[member.plant])}
        rows.append(body)
    return {
        "windows": list(windows),
        "quantities": {one.name: one.by for one in draft.quantities.values()},
        "shares": [
            {"scope": one.scope, "window": one.window, "share": one.share, "demand": one.demand,
             "plants": one.plants}
            for one in draft.shares
        ],
        "rows": rows,
    }  # fmt: skip


def _prices(draft: Draft, grounds: Grounds, dearest: float) -> Iterator[dict[str, Any]]:
    """Yield the price of every row that has one.

    On the row of a plant that nothing brings to its threshold stands a price at which complying costs more
    than everything there is: so the check needs not be told that it is out of reach.
    """
    for number, (row, price) in enumerate(zip(draft.rows, grounds.prices, strict=True)):
        worth = float(price)
        member = draft.members[row.plant] if row.plant >= 0 else None
        if member is not None and not member.able and member.share < SHARES:
            worth = 2 * (dearest + 1.0) / member.lacks
        if worth > 0:
            yield {
                "row": number, "rule": row.rule, "scope": row.scope, "window": row.window, "price": worth,
            }  # fmt: skip


def checked_proof(proof: Proof) -> dict[str, Any]:
    """Return what `check_rows` says of a programme's certificate, written for it and thrown away."""
    with TemporaryDirectory(prefix="wenqu-certificate-") as folder:
        return check(write_certificate(proof, Path(folder)))
