"""Which works are carried out where, by whom, and who answers for them?"""

from dataclasses import dataclass

PARTIES = ("owner", "designer", "contractor", "supervisor", "tester")  # 建设、设计、施工、监理、检测


@dataclass(frozen=True, slots=True)
class Party:
    """One body that answers for a part of the works."""

    role: str  # one of PARTIES
    body: str
    person: str = ""  # who answers in person
    paper: str = ""  # licence or certificate, as written


@dataclass(frozen=True, slots=True)
class PipeWork:
    """What is done to one pipe. A pipe that is replaced keeps its place in the lot under its old id."""

    conduit: str
    method: str  # row of the price catalogue, or the city's own word
    grade: int = 0  # worse grade when it was taken into the lot; 0 is not known
    length: float = float("nan")  # [m] when it was taken into the lot
    problems: tuple[str, ...] = ()  # ids of the problems behind it


@dataclass(frozen=True, slots=True)
class Lot:
    """A part of a project that is let as one."""

    id: str
    name: str
    works: tuple[PipeWork, ...]
    parties: tuple[Party, ...] = ()  # where they are other than the project's


@dataclass(frozen=True, slots=True)
class Project:
    """A project as it was stated last: each statement of an id takes the place of the one before."""

    id: str
    name: str
    lots: tuple[Lot, ...]
    parties: tuple[Party, ...] = ()
    district: str = ""
    begins: str = ""  # ISO date, planned
    ends: str = ""
    note: str = ""
    simulated: bool = False

    @property
    def assets(self) -> tuple[str, ...]:
        """Return the pipes of all lots."""
        return tuple(work.conduit for lot in self.lots for work in lot.works)

    def lot(self, id_: str) -> Lot | None:
        """Return one lot, None when the project has no such."""
        return next((lot for lot in self.lots if lot.id == id_), None)

    def answerable(self, lot: Lot) -> tuple[Party, ...]:
        """Return who answers for a lot: its own parties, else those of the project."""
        own = {party.role for party in lot.parties}
        return lot.parties + tuple(party for party in self.parties if party.role not in own)
