"""What does the page show of a delivery, in the reader's language?"""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from wenqu.errors import BadInput
from wenqu.messages import say, told
from wenqu.services.city_state import Cities
from wenqu.services.deliveries import Deliveries, Delivery
from wenqu.services.place_delivery import where_it_lies
from wenqu.services.recognise_delivery import preview, recognise
from wenqu.services.spoken_facts import rule_name, spoken
from wenqu.services.stage_import import network_before


def delivery_page(one: Delivery, language: str, *, short: bool = False) -> dict[str, Any]:
    """Return a delivery with its sentences."""
    plain = asdict(one)
    if short or one.summary is None:
        return {**plain, "summary": None}
    summary = dict(one.summary)
    for name in ("mended", "queued", "flagged"):
        summary[name] = [{**row, "name": rule_name(row["rule"], language)} for row in summary[name]]
    summary["notes"] = [
        {
            **row,
            "says": told(f"issue.{row['code']}.says", language, row["facts"]),
            "remedy": told(f"issue.{row['code']}.remedy", language, row["facts"]),
        }
        for row in summary["notes"]
    ]
    summary["mended_rows"] = [
        {
            **row,
            "says": told(
                f"repair.{row['key']}", language, spoken(row["facts"], row["type"], language, row["key"])
            ),
        }
        for row in summary["mended_rows"]
    ]
    return {**plain, "summary": summary}


def recognised(known: Cities, kept: Deliveries, one: Delivery, language: str) -> list[dict[str, Any]]:
    """Return what the files of a delivery are, with the evidence for their coordinate systems in words."""
    before = network_before(known.store, one.city)
    near = None
    if before.version and before.city.crs:
        west, south, east, north = known.state(one.city).bounds
        near = ((west + east) / 2, (south + north) / 2)
    found = recognise(known.store, before, kept.paths(one), one.answers, near)
    for file in found:
        for candidate in file["crs"]["candidates"]:
            candidate["says"] = say(f"coordinates.{candidate['why']}", language, **candidate["facts"])
        if file.get("trouble"):
            file["trouble"] = told(file["trouble"]["key"], language, file["trouble"]["facts"])
    return found


def mapped_preview(
    kept: Deliveries, one: Delivery, asked: Mapping[str, Any], language: str
) -> dict[str, Any]:
    """Return the first rows of a layer by a map, with sentences for what could not be read."""
    path = next((path for path in kept.paths(one) if path.name == asked.get("file")), None)
    if path is None:
        raise BadInput("no-layer", path=str(asked.get("file", "")), layers="", known=", ".join(one.files))
    found = preview(
        path, str(asked.get("layer", "")), asked.get("map") or {}, str(asked.get("encoding") or "")
    )
    for issue in found["issues"]:
        issue["says"] = told(f"issue.{issue['code']}.says", language, issue["facts"])
    return found


def lying(known: Cities, kept: Deliveries, one: Delivery, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Return where the named files of a delivery would lie; all of them when none is named."""
    names = set(asked.get("files") or one.files)
    paths = [path for path in kept.paths(one) if path.name in names]
    before = network_before(known.store, one.city)
    return where_it_lies(
        known.store, before, paths, one.answers, str(asked.get("crs", "")), asked.get("grid")
    )
