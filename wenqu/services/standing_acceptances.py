"""Which acceptances stand, since when, and which count no more: taken back, or undone by a later proof?"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from wenqu.records.acceptance import ACCEPTED, Acceptance, ClosedWaterTest
from wenqu.services.city_state import CityState
from wenqu.services.gate_pipes import built_pipes, by_pipe, graded_looks, looks_of
from wenqu.services.standing_inspections import withdrawn
from wenqu.services.works_ledger import Ledger, works_ledger
from wenqu.store.database import Store
from wenqu.works.lapse import Lapse, bad_look, failed_test, first, lost_look
from wenqu.works.tightness import tightness


@dataclass(frozen=True, slots=True)
class Standing:
    """The last acceptance of one pipe and what became of it."""

    acceptance: Acceptance
    until: str = ""  # ISO date from which it counts no more, "" while it stands
    taken_back: Acceptance | None = None  # the word that took it back
    lapse: Lapse | None = None  # the later proof that undid it

    def on(self, day: str) -> bool:
        """Tell whether it had been given by a day and still stood."""
        return self.acceptance.date[:10] <= day[:10] and (not self.until or day[:10] < self.until)


def standings(store: Store, state: CityState) -> Mapping[str, Standing]:
    """Return the last acceptance of each pipe that was ever accepted, read once for a state.

    One that a later test or look undid does not rise again by itself: the pipe is to be accepted anew.
    """
    sees = store.sees_all(state.network.city.code)
    return state.once(f"standings {sees}", lambda: _standings(store, state))


def _standings(store: Store, state: CityState) -> dict[str, Standing]:
    ledger = works_ledger(store, state)
    found: dict[str, Standing] = {}
    for one in ledger.acceptances:
        if one.verdict == ACCEPTED:
            found[one.asset] = Standing(one)
        elif one.asset in found:
            found[one.asset] = replace(found[one.asset], until=one.date[:10], taken_back=one)
    live = {asset: one.acceptance for asset, one in found.items() if not one.until}
    for asset, lapse in _lapses(store, state, ledger, live).items():
        found[asset] = replace(found[asset], until=lapse.day, lapse=lapse)
    return found


def _lapses(
    store: Store, state: CityState, ledger: Ledger, live: Mapping[str, Acceptance]
) -> dict[str, Lapse]:
    """Return by pipe the first thing that was filed after its acceptance and speaks against it."""
    if not live:
        return {}
    numbers = {asset: ledger.filed["acceptance", one.id].number for asset, one in live.items()}
    tests = by_pipe(ledger.closed_water)
    stated = {one.id: one.date[:10] for one in ledger.closed_water}
    later = {
        asset: [one for one in tests.get(asset, ()) if _after(ledger, one, numbers[asset], stated, word)]
        for asset, word in live.items()
    }
    seen = looks_of(store, state)
    dates = {row.id: row.date[:10] for asset in live for row, _ in seen.get(asset, ())}
    looks = {
        asset: [
            row
            for row, filing in seen.get(asset, ())
            if row.method == "cctv"
            and filing.number > numbers[asset]
            and row.date[:10] >= _rests_on(word, "cctv", dates)
        ]
        for asset, word in live.items()
    }
    pipes = built_pipes(
        state.network, [name for some in later.values() for one in some for name in one.assets]
    )
    places = ledger.places() if pipes else {}
    methods = {name: places[name][2].method for name in pipes if name in places}
    methods |= {one.asset: one.method for one in ledger.as_built if one.asset in pipes}
    graded = graded_looks(state, [row for some in looks.values() for row in some])
    gone = withdrawn(store, state.network.city.code, state.network.as_of or None)
    made = {}
    for asset, word in live.items():
        lapse = first(
            [
                *(failed_test(word, one, tightness(one, pipes, methods)) for one in later[asset]),
                *(bad_look(word, graded[row.id]) for row in looks[asset]),
                *(
                    lost_look(word, proof.id, gone[proof.id].at, gone[proof.id].why)
                    for proof in word.proofs
                    if proof.kind == "cctv" and proof.id in gone
                ),
            ]
        )
        if lapse:
            made[asset] = lapse
    return made


def _after(
    ledger: Ledger, one: ClosedWaterTest, number: int, stated: Mapping[str, str], word: Acceptance
) -> bool:
    """Tell whether a test was filed after an acceptance and is no older than the one it rests on."""
    filed = ledger.filed["closed_water", one.id].number
    return filed > number and one.date[:10] >= _rests_on(word, "closed_water", stated)


def _rests_on(word: Acceptance, kind: str, stated: Mapping[str, str]) -> str:
    """Return the day of the proof of a kind that an acceptance rests on, else that of the acceptance."""
    mine = [stated[proof.id] for proof in word.proofs if proof.kind == kind and proof.id in stated]
    return max(mine, default=word.date[:10])
