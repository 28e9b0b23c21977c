"""Why is each package in the programme that stands, or not? Worked out anew, from what proves it."""

from wenqu.errors import NotEnoughData
from wenqu.planning.package_reasons import package_reasons
from wenqu.planning.shadow import shadow
from wenqu.progress import Progress, silent
from wenqu.services.plan_why import WHY, why_document
from wenqu.services.planned_case import PlannedCase, planned_case
from wenqu.services.programme_proof import PROOF, PROOF_MEDIA, judge, read_proof
from wenqu.store.database import Store


def standing_reasons(store: Store, case: PlannedCase) -> bytes | None:
    """Return why each package is in the programme that stands or not, as a document; None without prices.

    It is worked out from the options, plants and rules that the programme was filed with, so that it speaks
    of that very programme: also of one made anew around works that stand, and of one that misses rules,
    whose rules are then held to what it reaches.

    Raises
    ------
    NotEnoughData
        The programme was filed without its proof.
    """
    content = store.document(case.state.network.city.code, PROOF)
    if content is None:
        raise NotEnoughData("no-programme", city=case.state.network.city.code)
    proof = read_proof(content)
    grounds = proof.grounds  # with margins lowered as a probability asked for it
    options, plants = (proof.options, proof.plants) if grounds is None else (grounds.options, grounds.plants)
    prices = shadow(
        options, plants, proof.rules, proof.choice, proof.lengths,
        seconds=case.seconds, held=not judge(proof).holds,
    )  # fmt: skip
    if prices is None:
        return None
    reasons = package_reasons(proof.options, prices, proof.choice, proof.rules.windows)
    return why_document(proof, reasons, _assets(case))


def _assets(case: PlannedCase) -> dict[str, list[str]]:
    """Return type/id of the assets of each package, of the sites there are and of the programme."""
    found: dict[str, list[str]] = {}
    for row in case.programme.measures:
        found.setdefault(row.package, []).append(f"{row.asset_type}/{row.asset}")
    now: dict[str, list[str]] = {}
    sites = case.sites
    for package, type_, id_ in zip(sites.package, sites.asset_type, sites.ids, strict=True):
        now.setdefault(str(package), []).append(f"{type_}/{id_}")
    return {name: list(dict.fromkeys(rows)) for name, rows in (found | now).items()}


def renew_why(
    store: Store, city: str, *, who: str, progress: Progress = silent, seconds: float = 60.0
) -> str:
    """Work the reasons out for the programme that stands and file them; return its id.

    Raises
    ------
    NotEnoughData
        The city has no programme, or prices of its rules cannot be had.
    """
    progress(0.02)
    case = planned_case(store, city, seconds=seconds)
    progress(0.5)
    made = standing_reasons(store, case)
    if made is None:
        raise NotEnoughData("no-prices", programme=case.programme.id)
    progress(0.95)
    with store.change(city, who=who, why="plan why") as change:
        change.write_document(WHY, made, PROOF_MEDIA)
    progress(1.0)
    return case.programme.id
