"""What does the page show of a delivery of inspections, in the reader's language?"""

from dataclasses import asdict
from typing import Any

from wenqu.messages import say, told
from wenqu.services.inspection_deliveries import InspectionDelivery
from wenqu.services.spoken_facts import rule_name


def delivery_page(one: InspectionDelivery, language: str, *, short: bool = False) -> dict[str, Any]:
    """Return a delivery with its sentences."""
    plain = asdict(one)
    if short or one.summary is None:
        return {**plain, "files": plain["files"][:50], "summary": None}
    summary = dict(one.summary)
    summary["rules"] = [{**row, "name": rule_name(row["code"], language)} for row in summary["rules"]]
    summary["issues"] = [
        {**row, "says": told(f"issue.{row['code']}.says", language, row["facts"])}
        for row in summary["issues"]
    ]
    summary["reports"] = [
        {
            **row,
            "format": say(f"survey.format.{row['format']}", language) if row["format"] else "",
            "says": told(row["error"], language, row["facts"]) if row["error"] else "",
        }
        for row in summary["reports"]
    ]
    return {**plain, "summary": summary}
