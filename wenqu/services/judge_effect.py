"""When were the works finished, and did they work? The verdict is filed once."""

from datetime import date

import numpy as np

from wenqu.diagnosis.effect_verdict import WAIT, Asked, Outcome, Terms, judge
from wenqu.errors import NotEnoughData, Refused, Unknown
from wenqu.records.verification import Judgement, Verification, WorksEnd
from wenqu.services.city_state import Cities
from wenqu.services.effect_ledger import ENDED, JUDGED, EffectLedger, effect_ledger
from wenqu.services.effect_records import Meters, meters, read_flows
from wenqu.services.effect_rights import demand_decision
from wenqu.services.file_works import check_day
from wenqu.services.rights import Person, demand_account
from wenqu.store.moments import now


def terms_sealed(made: Verification) -> Terms:
    """Return the terms of a verification as they were sealed."""
    asked = Asked(np.datetime64(made.begins), made.dry_days, made.expected, made.rate, made.least, made.power)
    return Terms(asked, made.threshold, made.threshold_alone, made.share)


def verification_of(ledger: EffectLedger, id_: str) -> Verification:
    """Return one verification.

    Raises
    ------
    Unknown
        There is no such.
    """
    if id_ not in ledger.verifications:
        raise Unknown("verification", name=id_)
    return ledger.verifications[id_]


def finish_works(known: Cities, city: str, id_: str, day: str, *, person: Person) -> WorksEnd:
    """File the day on which the works of a verification were finished.

    Raises
    ------
    Refused
        It was filed already, lies before the works began or in the future.
    """
    demand_account(person)
    check_day(day)
    store = known.whole.store
    with store.change(city, who=person.account, why=f"works finished {id_}") as change:
        ledger = effect_ledger(store, city)
        made = verification_of(ledger, id_)
        demand_decision(known, city, made.project, made.asset, person)
        last = max(date.fromisoformat(day[:10]), date.fromisoformat(made.begins))
        if id_ in ledger.ended:
            raise Refused("verification-finished", id=id_, day=ledger.ended[id_].date)
        if day[:10] < made.begins or last > now().date():
            raise Refused("verification-day", day=day[:10], begins=made.begins)
        ended = WorksEnd(id_, made.asset, day[:10], person.account, made.simulated)
        change.add_records(ENDED, [ended])
    return ended


def judge_effect(known: Cities, city: str, id_: str, *, person: Person) -> Judgement:
    """File the verdict when enough dry days have come; it stands then.

    Raises
    ------
    Refused
        It was judged already.
    NotEnoughData
        Dry days are missing.
    """
    demand_account(person)
    store = known.whole.store
    with store.change(city, who=person.account, why=f"judgement {id_}") as change:
        ledger = effect_ledger(store, city)
        made = verification_of(ledger, id_)
        demand_decision(known, city, made.project, made.asset, person)
        if id_ in ledger.judged:
            raise Refused("verification-judged", id=id_, day=ledger.judged[id_].date)
        read = read_flows(store, city, (made.asset, made.control))
        found = meters(read, made.asset, made.control, made.metric)
        ended = ledger.ended.get(id_)
        today = now().date().isoformat()
        verdict = None if ended is None else judgement_of(found, made, ended, (today, person.account))
        if verdict is None:
            raise NotEnoughData("verification-wait", id=id_, more=_outcome(found, made, ended).more)
        change.add_records(JUDGED, [verdict])
    return verdict


def _outcome(found: Meters, made: Verification, ended: WorksEnd | None) -> Outcome:
    day = None if ended is None else np.datetime64(ended.date)
    return judge(found.own, found.control, terms_sealed(made), day)[0]


def judgement_of(
    found: Meters, made: Verification, ended: WorksEnd, filed: tuple[str, str]
) -> Judgement | None:
    """Return the verdict of the readings, None while dry days are missing.

    Parameters
    ----------
    filed
        ISO date and author.
    """
    told = _outcome(found, made, ended)
    if told.verdict == WAIT:
        return None
    return Judgement(
        made.id, made.asset, told.verdict, told.change, told.low, told.high, told.sd, told.threshold,
        told.dry_days, told.since, told.until, told.control, told.flow, *filed, made.simulated,
    )  # fmt: skip
