"""Which other files does an INP file name, and are they there?"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from wenqu.hydraulics.swmm.sections import InpModel, Row
from wenqu.issues import Issue, Weight


@dataclass(frozen=True, slots=True)
class FileReference:
    """One place where a file is named."""

    row: Row
    section: str
    place: int  # number of the token
    path: str  # as it stands
    written: bool  # the engine writes this file
    needed: bool  # the engine cannot run without it

    @property
    def name(self) -> str:
        """The last part of the path, whatever system it comes from."""
        return self.path.replace("\\", "/").rpartition("/")[2]


def file_references(model: InpModel) -> Iterator[FileReference]:
    """Yield every place where the model names another file."""
    for section in ("RAINGAGES", "TIMESERIES", "TEMPERATURE", "BACKDROP"):
        for row in model.rows(section):
            words = [token.upper() for token in row.tokens]
            # A gauge or series may itself be called "file", so the word is looked for behind the name.
            first = 0 if section in {"TEMPERATURE", "BACKDROP"} else 1
            if "FILE" not in words[first:-1]:
                continue
            place = words.index("FILE", first) + 1
            # WINDSPEED FILE means the climate file and names none.
            if (section == "TEMPERATURE" and place != 1) or not row.tokens[place]:
                continue
            yield FileReference(row, section, place, row.tokens[place], False, section != "BACKDROP")
    for row in model.rows("FILES"):
        if len(row.tokens) > 2:
            saved = row.tokens[0].upper() == "SAVE"
            yield FileReference(row, "FILES", 2, row.tokens[2], saved, not saved)
    for row in model.rows("LID_USAGE"):
        if len(row.tokens) > 8 and row.tokens[8] not in {"", "*"}:
            yield FileReference(row, "LID_USAGE", 8, row.tokens[8], True, False)


def found_beside(name: str, beside: Collection[str]) -> str:
    """Return the file beside the model that has this name, whatever its case; "" if there is none."""
    if name in beside:
        return name
    return next((other for other in sorted(beside) if other.lower() == name.lower()), "")


def check_file_references(model: InpModel, beside: Collection[str]) -> Iterator[Issue]:
    """Yield the files that lie elsewhere or nowhere."""
    for reference in file_references(model):
        place = model.place(reference.section, reference.row)
        facts: dict[str, object] = {"path": reference.path, "name": reference.name}
        taken = found_beside(reference.name, beside)
        if reference.written:
            if reference.name != reference.path:
                yield Issue("inp.file-written", Weight.NOTE, place=place, facts=facts)
        elif taken and taken != reference.path:
            yield Issue("inp.file-moved", Weight.NOTE, place=place, facts={**facts, "taken": taken})
        elif not taken:
            weight = Weight.DOUBT if reference.needed else Weight.NOTE
            yield Issue("inp.file-absent", weight, place=place, facts=facts)
