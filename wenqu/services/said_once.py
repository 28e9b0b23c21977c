"""Which finding of a file says what the check against the pipe says again? One of the two is enough."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from wenqu.issues import Issue, Place

OF_PIPE = "match.beyond-end"  # by the length that the city has
OF_FILE = frozenset({"crew.beyond-end", "survey.beyond-end"})  # by the length that the file gives
Key = tuple[str, str, str, float]  # file, asset as written, code, end [m]


def said_once(
    of_files: Sequence[Issue], of_pipes: Iterable[tuple[str, str, Sequence[Issue]]]
) -> tuple[list[Issue], list[tuple[Issue, ...]]]:
    """Return the findings of files and of inspections so that a defect beyond the end is told once.

    The city's length is what counts, so its finding stays; it takes the row from that of the file.

    Parameters
    ----------
    of_files
        What readers found.
    of_pipes
        For each inspection its file, its asset as written, and what the check against the pipe found.

    Examples
    --------
    >>> from wenqu.issues import Weight
    >>> row = Issue("crew.beyond-end", Weight.FAULT, "conduit", "P1", Place("a.docx", "#2", 9),
    ...             {"code": "PL", "end": 60.0})
    >>> pipe = Issue("match.beyond-end", Weight.DOUBT, "conduit", "WS-1", Place("a.docx"),
    ...              {"defect": "PL", "end": 60.0})
    >>> left, told = said_once([row], [("a.docx", "P1", (pipe,))])
    >>> left, told[0][0].code, told[0][0].place.row
    ([], 'match.beyond-end', 9)
    """
    rows: dict[Key, Place] = {
        _key(one.place.file, one.asset, one): one.place for one in of_files if _row(one)
    }
    said: set[Key] = set()
    told = []
    for file, asset, issues in of_pipes:
        made = []
        for issue in issues:
            key = _key(file, asset, issue)
            if issue.code == OF_PIPE and key in rows:
                said.add(key)
                issue = replace(issue, place=rows[key])  # noqa: PLW2901
            made.append(issue)
        told.append(tuple(made))
    left = [one for one in of_files if not (_row(one) and _key(one.place.file, one.asset, one) in said)]
    return left, told


def _row(issue: Issue) -> bool:
    return issue.code in OF_FILE


def _key(file: str, asset: str, issue: Issue) -> Key:
    code = issue.facts.get("defect") or issue.facts.get("code")
    end = issue.facts.get("end")
    return file, asset, str(code), round(end, 2) if isinstance(end, int | float) else -1.0
