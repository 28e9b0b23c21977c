"""Which inspections of the example city have a film? A stand-in that drives 0.2 m/s and says what it is."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from wenqu.examples.loop.stage import ACCEPTED, LEAKS, PlayedPipe
from wenqu.records.handed import Handed
from wenqu.records.inspection import Defect, Inspection
from wenqu.services.file_inspections import document_of

SPEED, LAST = 0.2, 199.0  # [m/s], [s]
CREW = "天光检测有限公司"


@dataclass(frozen=True, slots=True)
class Filmed:
    """Inspections with their films, how they were handed in, and the documents."""

    inspections: list[Inspection] = field(default_factory=list)
    handed: list[Handed] = field(default_factory=list)
    documents: dict[str, str] = field(default_factory=dict)  # document → file of this folder


def second(start: float) -> float:
    """Return the second of the film at which a distance is reached. [s]"""
    return min(LAST, round(start / SPEED, 1))


def film_before(made: Filmed, known: Inspection, number: int, day: str) -> None:
    """Add a second look that sees what the first one saw, with film and pictures."""
    id_ = f"FC{number:05d}"
    defects = tuple(
        replace(one, at=day, inspection=id_, film=f"{id_}.webm", film_at=second(one.start),
                picture=f"{id_}.jpg" if 0 < place == len(known.defects) - 1 else "")
        for place, one in enumerate(known.defects)
    )  # fmt: skip
    whole = replace(
        known, id=id_, method="cctv", date=day, inspector=CREW, file=f"{id_}.webm", defects=defects,
        reason="SIMULATED", simulated=True,
    )  # fmt: skip
    _hand(made, whole, "defect.jpg")


def film_after(made: Filmed, one: PlayedPipe, length: float, number: int) -> None:
    """Add the look after the works: one slight observation is left."""
    id_, day = f"YS{number:05d}", one.day(12)
    at = round(length / 3, 1)
    slight = Defect(
        one.pipe, "CJ", 1, at, at=day, inspection=id_, film=f"{id_}.webm", film_at=second(at)
    )  # fmt: skip
    whole = Inspection(
        id_, one.pipe, "cctv", day, length, "downstream", CREW, f"{id_}.webm", defects=(slight,),
        simulated=True, reason="SIMULATED",
    )  # fmt: skip
    _hand(made, whole, "after.jpg")


def _hand(made: Filmed, whole: Inspection, picture: str) -> None:
    names = [whole.file, *(row.picture for row in whole.defects if row.picture)]
    media = {name: document_of(whole, name, names) for name in dict.fromkeys(names)}
    made.inspections.append(whole)
    made.documents.update(
        {document: "film.webm" if name == whole.file else picture for name, document in media.items()}
    )
    made.handed.append(
        Handed(
            whole.asset, whole.id, whole.id, whole.asset, delivery="simulated", file="SIMULATED", media=media,
            matched="code", simulated=True,
        )
    )  # fmt: skip


def filmed(
    pipes: Iterable[PlayedPipe], others: Iterable[str], known: Mapping[str, Inspection],
    lengths: Mapping[str, float], recent: str,
) -> Filmed:  # fmt: skip
    """Return the films of pipes in works, before and after, and of some others that wait.

    Parameters
    ----------
    others
        Problem pipes in no lot.
    recent
        ISO date of their film.
    """
    made = Filmed()
    number = 0
    for one in pipes:
        number += 1
        if one.pipe in known:
            film_before(made, known[one.pipe], number, one.day(-90))
        if one.state in {ACCEPTED, LEAKS}:
            film_after(made, one, lengths[one.pipe], number)
    for pipe in others:
        number += 1
        if pipe in known:
            film_before(made, known[pipe], number, recent)
    return made
