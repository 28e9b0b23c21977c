"""What does the page show of a delivery of inspections, in the reader's language?"""

from dataclasses import asdict
from typing import Any

from wenqu.messages import say, sentences, told
from wenqu.services.inspection_deliveries import InspectionDelivery
from wenqu.services.spoken_facts import rule_name

FORMAT = "survey.format."


def format_name(given: str, language: str) -> str:
    """Return how a form is called; what its name has more than the known one is its version.

    Examples
    --------
    >>> format_name("DWA-M 150 04-2010", "en")
    'DWA-M 150 XML 04-2010'
    """
    known = [key for key in sentences(language) if key.startswith(FORMAT)]
    fitting = [key for key in known if given.startswith(key.removeprefix(FORMAT))]
    if not fitting:
        return given
    best = max(fitting, key=len)
    return say(best, language) + given.removeprefix(best.removeprefix(FORMAT))


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
            "format": format_name(row["format"], language),
            "says": told(row["error"], language, row["facts"]) if row["error"] else "",
        }
        for row in summary["reports"]
    ]
    return {**plain, "summary": summary}
