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
    """One acceptance of a pipe and what became of it."""

    acceptance: Acceptance
    until: str = ""  # ISO date from which it counts no more, "" while it stands
    taken_back: Acceptance | None = None  # the word that took it back
    lapse: Lapse | None = None  # the later proof that undid it

    def on(self, day: str) -> bool:
        """Tell whether it had been given by a day and still stood."""
        return self.acceptance.date[:10] <= day[:10] and (not self.until or day[:10] < self.until)


def standings(store: Store, state: CityState) -> Mapping[str, Standing]:
    """Return the last acceptance of each pipe that was ever accepted.

    One that a later test or look undid does not rise again by itself: the pipe is to be accepted anew.
    """
    return {asset: some[-1] for asset, some in spells(store, state).items()}


def standings_on(store: Store, state: CityState, day: str) -> Mapping[str, Standing]:
    """Return the acceptance that stood on a day, of each pipe of which one did: an earlier one too."""
    found = {}
    for asset, some in spells(store, state).items():
        stood = [one for one in some if one.on(day)]
        if stood:
            found[asset] = stood[-1]
    return found


def standings_by(store: Store, state: CityState, day: str) -> Mapping[str, Standing]:
    """Return the last acceptance of each pipe that was given by a day, whether or not it stood on it."""
    found = {}
    for asset, some in spells(store, state).items():
        given = [one for one in some if one.acceptance.date[:10] <= day]
        if given:
            found[asset] = given[-1]
    return found


def spells(store: Store, state: CityState) -> Mapping[str, tuple[Standing, ...]]:
    """Return every acceptance of each pipe in the order they were filed, read once for a state."""
    sees = store.sees_all(state.network.city.code)
    return state.once(f"acceptances {sees}", lambda: _spells(store, state))


@dataclass(frozen=True, slots=True)
class _Word:
    """An acceptance, and between which filings it may have been undone."""

    acceptance: Acceptance
    after: int
    before: int | None  # number of the filing that accepted the pipe anew, None of the last

    def in_time(self, number: int) -> bool:
        """Tell whether a filing came while it was the last acceptance of its pipe."""
        return number > self.after and (self.before is None or number < self.before)


def _spells(store: Store, state: CityState) -> dict[str, tuple[Standing, ...]]:
    ledger = works_ledger(store, state)
    found: dict[str, list[Standing]] = {}
    for one in ledger.acceptances:
        mine = found.setdefault(one.asset, [])
        if one.verdict == ACCEPTED:
            mine.append(Standing(one))
        elif mine and not mine[-1].until:
            mine[-1] = replace(mine[-1], until=one.date[:10], taken_back=one)
    lapses = _lapses(store, state, ledger, _words(ledger, found))
    return {asset: tuple(_undone(one, lapses) for one in some) for asset, some in found.items() if some}


def _undone(one: Standing, lapses: Mapping[str, Lapse]) -> Standing:
    lapse = lapses.get(one.acceptance.id)
    if lapse is None or (one.until and one.until <= lapse.day):
        return one
    return replace(one, until=lapse.day, lapse=lapse)


def _words(ledger: Ledger, found: Mapping[str, list[Standing]]) -> list[_Word]:
    """Return the acceptances with the filings between which each was the last of its pipe."""
    made = []
    for some in found.values():
        numbers = [ledger.filed["acceptance", one.acceptance.id].number for one in some]
        ends = [*numbers[1:], None]
        made += [
            _Word(one.acceptance, number, end) for one, number, end in zip(some, numbers, ends, strict=True)
        ]
    return made


def _lapses(store: Store, state: CityState, ledger: Ledger, words: list[_Word]) -> dict[str, Lapse]:
    """Return by acceptance the first thing that was filed after it and speaks against it."""
    if not words:
        return {}
    tests = by_pipe(ledger.closed_water)
    stated = {one.id: one.date[:10] for one in ledger.closed_water}
    later = {
        word.acceptance.id: [
            one for one in tests.get(word.acceptance.asset, ()) if _after(ledger, one, word, stated)
        ]
        for word in words
    }
    seen = looks_of(store, state)
    dates = {row.id: row.date[:10] for word in words for row, _ in seen.get(word.acceptance.asset, ())}
    looks = {
        word.acceptance.id: [
            row
            for row, filing in seen.get(word.acceptance.asset, ())
            if row.method == "cctv"
            and word.in_time(filing.number)
            and row.date[:10] >= _rests_on(word.acceptance, "cctv", dates)
        ]
        for word in words
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
    for word in (one.acceptance for one in words):
        lapse = first(
            [
                *(failed_test(word, one, tightness(one, pipes, methods)) for one in later[word.id]),
                *(bad_look(word, graded[row.id]) for row in looks[word.id]),
                *(
                    lost_look(word, proof.id, gone[proof.id].at, gone[proof.id].why)
                    for proof in word.proofs
                    if proof.kind == "cctv" and proof.id in gone
                ),
            ]
        )
        if lapse:
            made[word.id] = lapse
    return made


def _after(ledger: Ledger, one: ClosedWaterTest, word: _Word, stated: Mapping[str, str]) -> bool:
    """Tell whether a test was filed after an acceptance and is no older than the one it rests on."""
    filed = ledger.filed["closed_water", one.id].number
    return word.in_time(filed) and one.date[:10] >= _rests_on(word.acceptance, "closed_water", stated)


def _rests_on(word: Acceptance, kind: str, stated: Mapping[str, str]) -> str:
    """Return the day of the proof of a kind that an acceptance rests on, else that of the acceptance."""
    mine = [stated[proof.id] for proof in word.proofs if proof.kind == kind and proof.id in stated]
    return max(mine, default=word.date[:10])
