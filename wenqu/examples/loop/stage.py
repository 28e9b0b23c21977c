"""Which pipes of the example city are in works, in which lot, and how far has each come?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from wenqu.records.project import Lot, Party, PipeWork, Project

SHARES = (0.45, 0.28, 0.14)  # of a district's problem pipes that are in works, district after district
LOT = 12  # pipes
BEGAN, RECENT = 420, 40  # [d] before today that the first was built, and the last that is accepted
ACCEPTED, LEAKS, UNSEEN, BUILDING, LET = "accepted", "leaks", "unseen", "building", "let"
UP_TO = ((0.66, ACCEPTED), (0.76, LEAKS), (0.82, UNSEEN), (0.91, BUILDING), (1.01, LET))
METHODS = ("cipp", "open_cut")
ROLES = (
    ("owner", "问渠市水务集团"), ("designer", "问渠市政设计院"), ("supervisor", "方源监理有限公司"),
    ("tester", "天光检测有限公司"),
)  # fmt: skip
BUILDERS = ("问渠建工有限公司", "云影市政工程有限公司", "方塘管道修复有限公司")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A problem pipe that may be taken into works."""

    pipe: str
    district: str
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PlayedPipe:
    """One pipe in a lot, and what has become of it."""

    pipe: str
    district: str
    problems: tuple[str, ...]
    project: str
    lot: str
    method: str
    state: str
    built: str  # ISO date the works on it were, or will be, finished

    def day(self, after: int) -> str:
        """Return the day so many days after the works were finished."""
        return (date.fromisoformat(self.built) + timedelta(days=after)).isoformat()


def staged(
    candidates: Sequence[Candidate], districts: Sequence[tuple[str, str]], today: date
) -> list[tuple[Project, list[PlayedPipe]]]:
    """Return a project for each district with its pipes, in the order of their names: neighbours together.

    Parameters
    ----------
    districts
        Id and name.
    """
    made = []
    for number, (zone, name) in enumerate(districts):
        there = sorted((one for one in candidates if one.district == zone), key=lambda one: one.pipe)
        chosen = there[: round(len(there) * SHARES[number % len(SHARES)])]
        if chosen:
            made.append(_project(f"X-{zone}-1", name, zone, chosen, number, today))
    return made


def _project(
    id_: str, name: str, zone: str, chosen: Sequence[Candidate], number: int, today: date
) -> tuple[Project, list[PlayedPipe]]:
    pipes = [_played(one, place, len(chosen), id_, today) for place, one in enumerate(chosen)]
    lots: dict[str, list[PlayedPipe]] = {}
    for one in pipes:
        lots.setdefault(one.lot, []).append(one)
    parties = (*(Party(role, body) for role, body in ROLES), Party("contractor", BUILDERS[number % 3]))
    project = Project(
        id_,
        f"{name}污水管网提升改造工程（模拟）",
        tuple(
            Lot(
                lot,
                f"{lot} 标段",
                tuple(PipeWork(one.pipe, one.method, problems=one.problems) for one in some),
            )
            for lot, some in lots.items()
        ),
        parties,
        zone,
        (today - timedelta(days=BEGAN + 60)).isoformat(),
        (today + timedelta(days=200)).isoformat(),
        "模拟数据",
        simulated=True,
    )
    return project, pipes


def _played(one: Candidate, place: int, count: int, project: str, today: date) -> PlayedPipe:
    share = place / count
    state = next(name for least, name in UP_TO if share < least)
    back = round(BEGAN - (BEGAN - RECENT) * min(1.0, share / UP_TO[0][0]))
    if state in {LEAKS, UNSEEN}:
        back = 30
    if state in {BUILDING, LET}:
        back = -30
    lot = place // LOT
    built = (today - timedelta(days=back)).isoformat()
    return PlayedPipe(
        one.pipe, one.district, one.problems, project, f"L{lot + 1}", METHODS[lot % len(METHODS)], state,
        built,
    )  # fmt: skip
