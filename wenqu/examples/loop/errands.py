"""Which orders of upkeep has the example city, in every state, and which teams?"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from wenqu.operation.order_tables import checklist, kinds
from wenqu.records.order import Order, OrderEvent
from wenqu.records.team import Team

BODIES = ("问渠市排水养护有限公司", "方塘管道养护有限公司")
COURSES: tuple[tuple[str, ...], ...] = (
    (), ("accept",), ("accept", "start"), ("accept", "start", "done"),
    ("accept", "start", "done", "approve"), ("start", "done", "send_back", "done", "approve"), ("cancel",),
    ("start", "progress", "done", "approve"),
)  # fmt: skip
WORKERS, OFFICE = "sim-crew", "sim-office"
KINDS = ("dredging", "patrol", "repair", "inspection")
PER_STREET = 4  # conduits of an order
Streets = Sequence[tuple[str, Sequence[tuple[str, float]]]]  # district, its conduits with their length [m]


def errands(streets: Streets, now: datetime) -> tuple[list[Order], list[OrderEvent]]:
    """Return orders along some streets and what was reported of them."""
    made, events = [], []
    for number, (zone, conduits) in enumerate(streets):
        kind, course = KINDS[number % len(KINDS)], COURSES[number % len(COURSES)]
        waits = len(course) < 3 and "cancel" not in course and number >= len(COURSES)
        begin = (
            now + timedelta(days=number - len(COURSES) - 4) if waits else now - timedelta(days=40 - number)
        )
        order = Order(
            f"SIM-{number + 1:03d}", kind, tuple(f"conduit/{id_}" for id_, _ in conduits),
            BODIES[number % len(BODIES)], f"{number % 3 + 1} 班", zone,
            (begin + timedelta(days=4)).date().isoformat(), (begin + timedelta(days=20)).date().isoformat(),
            sum(length for _, length in conduits), "模拟数据", "", OFFICE,
            begin.isoformat(timespec="seconds"), simulated=True,
        )  # fmt: skip
        made.append(order)
        events += [_event(order, step, place, begin) for place, step in enumerate(course)]
    return made, events


def _event(order: Order, step: str, place: int, begin: datetime) -> OrderEvent:
    worked = step in {"done", "progress"}
    quantities = {"length": order.length, "silt": 1.2, "places": 2.0}
    asked = kinds()[order.kind].quantities
    return OrderEvent(
        f"sim-{order.id}-{place}", order.id, step,
        (begin + timedelta(days=3 * place + 1)).isoformat(timespec="seconds"),
        OFFICE if step in {"approve", "send_back", "cancel"} else WORKERS,
        note="模拟数据", hours=6.0 if worked else 0.0,
        quantities={name: value for name, value in quantities.items() if name in asked} if worked else {},
        answers={item.name: "ok" for item in checklist(order.kind)} if step == "done" else {},
        before=("before-simulated.jpg",) if step == "done" else (),
        after=("after-simulated.jpg",) if step == "done" else (), simulated=True,
    )  # fmt: skip


def teams(districts: Sequence[tuple[str, str]], left: Mapping[str, float]) -> list[Team]:
    """Return a team of repair and one of survey for each district but the last, and mobile ones.

    Parameters
    ----------
    left
        Problem length of each district: the first has a team large enough, the others are short. [m]
    """
    made = []
    for number, (zone, name) in enumerate(districts[:-1] or districts, 1):
        rate = max(2.0, round(left.get(zone, 0.0) / (150 if number == 1 else 480), 1))
        made.append(Team(f"R{number}", f"{name}修复队（模拟）", "repair", rate, zone, simulated=True))
        made.append(Team(f"S{number}", f"{name}检测队（模拟）", "survey", 8 * rate, zone, simulated=True))
    rate = max(1.0, round(sum(left.values()) / 1500, 1))
    made.append(Team("R0", "机动修复队（模拟）", "repair", rate, simulated=True))
    made.append(Team("S0", "机动检测队（模拟）", "survey", 10 * rate, simulated=True))
    return made
