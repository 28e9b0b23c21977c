"""Which second of which film, and which closed-water test, does a pipe of a percentage open to?"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from wenqu.records.acceptance import ClosedWaterTest
from wenqu.records.inspection import Inspection
from wenqu.services.city_state import CityState
from wenqu.services.gate_pipes import by_pipe, looks_of
from wenqu.services.works_ledger import works_ledger
from wenqu.store.database import Store
from wenqu.store.records import Filing
from wenqu.supervision.successors import heirs

Links = Callable[[str, Sequence[Mapping[str, Any]]], dict[str, Any]]


def proof_links(store: Store, state: CityState) -> Links:
    """Return how a pipe with its proofs is told its film and its closed-water test, None where it has none.

    What the pipe counts by comes first, then the newest; a pipe that was replaced opens to its successors'.
    """
    ledger, looks = works_ledger(store, state), looks_of(store, state)
    tests, after = by_pipe(ledger.closed_water), ledger.after

    def links(pipe: str, proofs: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        counts = {str(proof["id"]) for proof in proofs}
        names = dict.fromkeys([pipe, *heirs(pipe, after)])
        filmed = [pair for name in names for pair in looks.get(name, ()) if film_of(pair[0])]
        tested = [one for name in names for one in tests.get(name, ())]
        look = max(filmed, key=lambda pair: (pair[0].id in counts, pair[0].date), default=None)
        test = max(tested, key=lambda one: (one.id in counts, one.date), default=None)
        return {
            "film": None if look is None else _film(*look),
            "closed_water": None if test is None else _test(test, ledger.filed["closed_water", test.id]),
        }

    return links


def film_of(look: Inspection) -> str:
    """Return the film of a look, "" when it has none."""
    return look.file or next((seen.film for seen in look.defects if seen.film), "")


def second_of(look: Inspection) -> float:
    """Return the second of the film at which the worst of what was seen is in view, 0 of a clean pipe. [s]"""
    timed = [seen for seen in look.defects if seen.film_at is not None and math.isfinite(seen.film_at)]
    return float(_worst(timed).film_at) if timed else 0.0


def _worst(some: Iterable[Any]) -> Any:
    return max(some, key=lambda seen: seen.level)


def _film(look: Inspection, filing: Filing) -> dict[str, Any]:
    return {
        "inspection": look.id,
        "second": second_of(look),
        "date": look.date[:10],
        "filed": filing.at[:10],
    }


def _test(test: ClosedWaterTest, filing: Filing) -> dict[str, Any]:
    return {"id": test.id, "date": test.date[:10], "filed": filing.at[:10]}
