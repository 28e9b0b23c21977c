"""An inspection that waits gets its pipe: by a person's click, or because the pipe has come meanwhile."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from wenqu.errors import BadInput
from wenqu.issues import Issue, Place
from wenqu.network.model import Network
from wenqu.records.inspection import Inspection, of_asset
from wenqu.services.file_inspections import (
    PROPOSAL,
    RULES,
    WAITING_RULES,
    handed_of,
    write_media,
)
from wenqu.services.grade_again import grade_changed
from wenqu.services.mend_queue import Mending
from wenqu.services.prepare_inspections import known_inspections
from wenqu.services.ring_on_arrival import ring_on_arrival
from wenqu.services.waiting_rows import repairs_from
from wenqu.store.database import Store
from wenqu.store.files import Kept
from wenqu.store.waiting import Sought, Waiting
from wenqu.survey.doubts import check_against_pipe
from wenqu.survey.matching import PipeIndex, direction_of, match, pipe_index
from wenqu.survey.matching import Sought as Named
from wenqu.survey.sameness import digest_of
from wenqu.survey.sounded_silt import check_deposits, with_deposits
from wenqu.survey.waiting_survey import WaitingSurvey, survey_from

BY_HAND = "hand"


def is_survey(row: Waiting) -> bool:
    """Tell whether a row of the queue is an inspection that waits for its pipe."""
    return row.rule in WAITING_RULES and "survey" in row.body


def let_in_rows(
    store: Store, network: Network, rows: Sequence[Waiting], *, key: str, who: str, why: str
) -> Mending:
    """File waiting inspections under the asset that a person chose.

    Parameters
    ----------
    network
        The whole city as it is.
    key
        ``inspection-is-of:<asset>|<by>|<length>`` names the asset; else the only proposal is taken.

    Raises
    ------
    BadInput
        The asset is not in the city (``inspection-no-asset``), or no row has one proposal only.
    """
    index = pipe_index(network)
    chosen = key.partition(":")[2].rsplit("|", 2)[0] if key.startswith(f"{PROPOSAL}:") else ""
    found: dict[int, tuple[str, str]] = {}
    for row in rows:
        asset = chosen or _only(row)
        if asset:
            found[row.id] = (_known_asset(index, row.type, asset), BY_HAND)
    if not found:
        raise BadInput("queue-nothing", city=network.city.code)
    return _let_in(store, network, index, [row for row in rows if row.id in found], found, who, why)


def _only(row: Waiting) -> str:
    proposals = repairs_from(row.body.get("proposals", ()))
    return str(proposals[0].facts["pipe"]) if len(proposals) == 1 else ""


def _known_asset(index: PipeIndex, type_: str, name: str) -> str:
    names = index.pipe_names if type_ == "conduit" else index.nodes
    found = names.sure(name.strip())
    if len(found) != 1:
        raise BadInput("inspection-no-asset", name=name)
    return next(iter(found))


def settle_inspections(store: Store, city: str, *, who: str, why: str) -> Mending | None:
    """Let in the waiting inspections whose pipe is known by now; None when there is none."""
    rows = [
        row
        for rule in sorted(WAITING_RULES - {RULES["elsewhere"]})
        if any(kind[0] == rule for kind in store.count_waiting(city))
        for row in store.waiting(city, Sought(rule=rule))
        if is_survey(row)
    ]
    if not rows:
        return None
    network = store.network(city)
    index = pipe_index(network)
    found = {}
    for row in rows:
        told = survey_from(str(row.body["survey"])).seen.inspection
        own = survey_from(str(row.body["survey"])).inspection
        made = match(index, Named(told.asset, own.start, own.end, told.length, told.asset_type))
        if made.asset:
            found[row.id] = (made.asset, made.by)
    chosen = [row for row in rows if row.id in found]
    return _let_in(store, network, index, chosen, found, who, why) if chosen else None


def _let_in(
    store: Store,
    network: Network,
    index: PipeIndex,
    rows: Sequence[Waiting],
    found: Mapping[int, tuple[str, str]],
    who: str,
    why: str,
) -> Mending:
    city = network.city.code
    known = known_inspections(store, city)
    digests, ids = dict(known.digests), set(known.ids)
    filed: list[tuple[WaitingSurvey, Inspection, str]] = []
    issues: list[Issue] = []
    for row in rows:
        survey = survey_from(str(row.body["survey"]))
        asset, by = found[row.id]
        digest = digest_of(survey.seen.inspection, asset)
        if digest in digests:
            continue  # somebody has brought it meanwhile: nothing is filed twice
        one = _as_filed(index, survey, asset, ids)
        if one.asset_type == "conduit":
            one = with_deposits(one, survey.seen.facts, index.pipes[asset].bore)
        digests[digest] = one.id
        ids.add(one.id)
        filed.append((replace(survey, digest=digest), one, by))
        if one.asset_type == "conduit":
            place = Place(survey.file)
            pipe, seen = index.pipes[asset], survey.seen
            issues += check_against_pipe(pipe, one, place, seen.inspection.direction)
            issues += check_deposits(one, seen.facts, pipe.bore, place)
    with store.change(city, who=who, why=why) as change:
        change.add_records("inspection", [one for _, one, _ in filed])
        told = [({name: (Kept(sha, size), type_) for name, sha, size, type_ in s.media}) for s, _, _ in filed]
        write_media(change, [(one, media) for (_, one, _), media in zip(filed, told, strict=True)])
        change.add_records(
            "handed",
            [handed_of(s, one, media, by) for (s, one, by), media in zip(filed, told, strict=True)],
        )
        change.add_records("issue", issues)
        change.decide([row.id for row in rows], "repaired", why)
    assets = {one.asset for _, one, _ in filed if one.looked_inside}
    grade_changed(store, city, assets, who=who)
    ring_on_arrival(store, city, assets, who=who)
    return Mending(change.number, tuple(row.id for row in rows), changed={"inspection": len(filed)})


def _as_filed(index: PipeIndex, survey: WaitingSurvey, asset: str, ids: set[str]) -> Inspection:
    one, id_ = survey.inspection, survey.inspection.id
    if id_ in ids:
        id_ = next(name for n in range(2, len(ids) + 3) if (name := f"{id_}~{n}") not in ids)
    way = direction_of(index, asset, one.start, one.end) if one.asset_type == "conduit" else ""
    return replace(of_asset(replace(one, id=id_), asset, one.asset_type), direction=way or one.direction)
