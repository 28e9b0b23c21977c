"""Which verifications were registered, finished and judged? Read once for each state of a city."""

from dataclasses import dataclass

from wenqu.diagnosis.effect_learning import Judged, Learned, learn
from wenqu.diagnosis.effect_verdict import NOT_SEEN, SEEN
from wenqu.planning.costs import Catalogue
from wenqu.records.verification import Judgement, Verification, WorksEnd
from wenqu.store.database import Store

VERIFICATION, ENDED, JUDGED = "verification", "works_end", "judgement"
TAUGHT = (SEEN, NOT_SEEN)  # a window that could not see says nothing of the method


@dataclass(frozen=True, slots=True, eq=False)
class EffectLedger:
    """Everything that was filed about whether works worked. The first statement of each id stands."""

    verifications: dict[str, Verification]
    ended: dict[str, WorksEnd]
    judged: dict[str, Judgement]
    filed: dict[str, str]  # verification → ISO time at which it was filed


def effect_ledger(store: Store, city: str, as_of: str | None = None) -> EffectLedger:
    """Return what was filed by a moment."""
    rows = store.filed(city, VERIFICATION, Verification, as_of)
    ended = store.records(city, ENDED, WorksEnd, as_of=as_of)
    judged = store.records(city, JUDGED, Judgement, as_of=as_of)
    return EffectLedger(
        {row.id: row for row, _ in reversed(rows)},
        {row.verification: row for row in reversed(ended)},
        {row.verification: row for row in reversed(judged)},
        {row.id: filing.at for row, filing in reversed(rows)},
    )


def learned(ledger: EffectLedger, book: Catalogue) -> tuple[tuple[Learned, ...], tuple[Learned, ...]]:
    """Return what the judged works taught about each method of a price table and about each contractor."""
    rows = []
    for id_, verdict in sorted(ledger.judged.items()):
        asked = ledger.verifications.get(id_)
        if asked is None or verdict.verdict not in TAUGHT or not asked.expected:
            continue
        rows.append(
            Judged(
                id_, -verdict.change / asked.expected, verdict.sd / abs(asked.expected), dict(asked.methods),
                asked.contractor,
            )
        )  # fmt: skip
    return learn(rows, {one.key: (one.effect_a, one.effect_b) for one in book.methods})
