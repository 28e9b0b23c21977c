"""Where does clean water get in and where is sewage lost, in a case given as a folder of tables?"""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from wenqu.diagnosis.joint_inversion import DEFAULT, Inversion, invert
from wenqu.diagnosis.joint_unknowns import GROUND, RIVER, SEWAGE, WATERS
from wenqu.diagnosis.map_doubts import TEMPER
from wenqu.diagnosis.wrong_inputs import UNKNOWN_HEIGHT, UNKNOWN_HOUR, Fault, Told, without_faults
from wenqu.issues import Issue, Place
from wenqu.services.case_faults import fault_issues, odd_meters
from wenqu.services.case_files import Case, read_case
from wenqu.services.case_map_doubts import Hypothesis, case_doubts, doubt_issues
from wenqu.services.case_model import CaseModel, case_model
from wenqu.services.case_splits import Divided, divided, split_issues

Floats = npt.NDArray[np.float64]
TAIL, Z90 = 0.05, 1.6448536269514722
QUANTITIES = ("sewage", "groundwater", "river", "missing")
PIPE_CV = 1.5  # [-] of the groundwater of one pipe around its share of its area
PIECE_CV = {SEWAGE: 0.3, GROUND: 1.0}  # [-] of a part of a cell around its share of it


@dataclass(frozen=True, slots=True)
class CaseAnswer:
    """What is said of a case. U areas, n conduits, M meters. [m³/s]"""

    case: Case
    model: CaseModel
    inversion: Inversion
    areas: npt.NDArray[np.object_]  # (U,) ids
    mean: Floats  # (4, U) sewage that arrives, groundwater, river water, missing sewage
    low: Floats  # (4, U) of 90 %
    high: Floats
    prior_share: Floats  # (4, U) [-] of the variance, 1: nothing was learnt
    extraneous: Floats  # (n,) as the pipes of the model
    extraneous_sd: Floats  # (n,)
    extraneous_total: tuple[float, float, float]  # mean and 90 % interval of all areas together
    misfit: Floats  # (M,) [-] rms of what the shape rows leave over, in errors
    issues: tuple[Issue, ...]
    splits: tuple[Divided, ...]  # where the water divides
    hypotheses: tuple[Hypothesis, ...]  # where the map may be wrong


def diagnose_case(folder: Path) -> CaseAnswer:
    """Read a case and answer it.

    Raises
    ------
    FileUnreadable
        There is no usable ``conduits.csv``.
    """
    case = read_case(folder)
    with threadpool_limits(1):  # these matrices are small: threads only wait for one another
        solved = _solved(case, [])
        moved = [fault for fault in solved.faults if fault.kind in ("clock", "day")]
        if moved:  # what was judged by the day of the users is judged anew
            known = solved.told.sizes.hour < UNKNOWN_HOUR
            solved = _solved(replace(case, pattern=solved.told.pattern, pattern_known=known), moved)
        return _shared(case, solved)


@dataclass(frozen=True, slots=True)
class _Solved:
    """A model with its answer, what of it is not believed, and where its map may be wrong."""

    model: CaseModel
    told: Told
    faults: tuple[Fault, ...]
    doubts: tuple[Hypothesis, ...]


def _solved(case: Case, before: list[Fault]) -> _Solved:
    model = case_model(case)
    sizes = DEFAULT if case.pattern_known else replace(DEFAULT, hour=UNKNOWN_HOUR, taller=UNKNOWN_HEIGHT)
    found = invert(model.expected, model.heard, model.ways, case.pattern, sizes)
    told = Told(model.expected, model.heard, model.ways, case.pattern, sizes, found)
    doubts = case_doubts(model, case.pattern, sizes, found)
    best, faults = without_faults(told, before)
    gain = sum(fault.gain for fault in faults[len(before) :])
    if doubts and gain <= TEMPER * max(doubt.log_bayes for doubt in doubts):  # the map says it all
        return _Solved(model, told, tuple(before), doubts)
    model = replace(model, expected=best.expected)
    return _Solved(model, best, tuple(faults), case_doubts(model, best.pattern, best.sizes, best.found))


def _shared(case: Case, solved: _Solved) -> CaseAnswer:
    """Share the answer of what lies between meters out to the areas of the case and to the pipes.

    Within a cell each pipe has its expected share; ``_apart`` says how far the shares may be off.
    """
    model, found, doubts = solved.model, solved.told.found, solved.doubts
    names, reach = _reach(case, model)
    cells = found.mean.shape[1]
    covariance = found.covariance().reshape(WATERS, cells, WATERS, cells)
    mean = np.einsum("kuc,kc->ku", reach, found.mean)
    expected = np.stack([model.expected.made, model.expected.ground, model.expected.river])
    lost, known = found.lost, reach[SEWAGE]
    unknown = _apart(reach, expected, found.prior_sd[RIVER] ** 2, lost.before)
    prior = np.einsum("kuc,kc->ku", reach**2, found.prior_sd**2) + unknown[:WATERS]

    def variance(one: int, other: int) -> Floats:
        return np.asarray(np.einsum("ua,ab,ub->u", reach[one], covariance[one, :, other], reach[other]))

    whole = np.stack([variance(kind, kind) for kind in range(WATERS)] + [known**2 @ lost.variance])
    river = np.diagonal(covariance[RIVER, :, RIVER])
    apart = _apart(reach, found.mean, np.maximum(river, 0), lost.mean**2 + lost.variance)
    means = np.concatenate([mean, [known @ lost.mean]])
    variances = whole + apart
    before = np.concatenate([prior, [known**2 @ lost.before + unknown[-1]]])
    spread = np.sqrt(np.maximum(variances, 0))
    share = np.where(before > 0, np.clip(variances / np.where(before > 0, before, 1.0), 0, 1), 1.0)
    low, high = np.maximum(means - Z90 * spread, 0), means + Z90 * spread
    # what is lost is far from normal: the halves of the intervals of cells add up each by itself
    below = np.sqrt(known**2 @ (lost.mean - lost.low) ** 2 + Z90**2 * apart[-1])
    above = np.sqrt(known**2 @ (lost.high - lost.mean) ** 2 + Z90**2 * apart[-1])
    nothing = np.exp((known > 0) @ np.log(np.maximum(lost.nothing, 1e-12)))
    low[-1] = np.where(nothing > TAIL, 0.0, np.maximum(means[-1] - below, 0))
    high[-1] = means[-1] + above
    extraneous, sd = _by_pipe(model, found, covariance)
    splits = divided(model.splits, found)
    guesses = split_issues(splits, Place("conduits.csv"))
    told = (*case.issues, *model.issues, *guesses, *odd_meters(model, found))
    meters = [("meter", entry.meter.id) for entry in model.meters]
    told = (*told, *fault_issues(meters, found, solved.faults), *doubt_issues(doubts))
    return CaseAnswer(
        case, model, found, names, means, low, high, share,
        extraneous, sd, _whole(reach, found, covariance),
        found.misfit * found.loose, told, splits, doubts,
    )  # fmt: skip


def _apart(reach: Floats, mean: Floats, river: Floats, lost: Floats) -> Floats:
    """Return the variance of an area that comes from not knowing where in a cell its water enters. (4, U)

    ``mean`` (3, cells); ``river``, ``lost`` (cells,): variance of the river water, second moment of the lost
    sewage. River water comes in and sewage is lost at few places: an area has all that its cell has with the
    chance of its share, or none.
    """
    part = reach * (1 - reach)
    spread = [(cv * reach[kind]) ** 2 * (1 - reach[kind]) @ mean[kind] ** 2 for kind, cv in PIECE_CV.items()]
    gone = part[SEWAGE] @ lost
    return np.stack([spread[SEWAGE] + gone, spread[GROUND], part[RIVER] @ (mean[RIVER] ** 2 + river), gone])


def _whole(reach: Floats, found: Inversion, covariance: Floats) -> tuple[float, float, float]:
    """Return all groundwater and river water of the areas together."""
    weight = np.concatenate([reach[GROUND].sum(axis=0), reach[RIVER].sum(axis=0)])
    both = np.ix_([GROUND, RIVER], range(len(reach[0, 0])), [GROUND, RIVER], range(len(reach[0, 0])))
    size = len(weight)
    mean = float(weight @ found.mean[[GROUND, RIVER]].ravel())
    sd = float(np.sqrt(max(weight @ covariance[both].reshape(size, size) @ weight, 0.0)))
    return mean, max(mean - Z90 * sd, 0.0), mean + Z90 * sd


def _reach(case: Case, model: CaseModel) -> tuple[npt.NDArray[np.object_], Floats]:
    """Return the areas and their shares of each cell, by kind of water. (U,), (3, U, cells)"""
    pipes, cells = model.pipes, len(model.expected.made)
    names, area = np.unique(case.area[pipes.row].astype(str), return_inverse=True)
    found = np.zeros((WATERS, len(names), cells))
    for kind, weight, cell in (
        (SEWAGE, pipes.made, pipes.source),
        (GROUND, pipes.ground, pipes.cell),
        (RIVER, pipes.river, pipes.cell),
    ):
        np.add.at(found[kind], (area, cell), weight)
        whole = found[kind].sum(axis=0)
        found[kind] /= np.where(whole > 0, whole, 1.0)
    return names.astype(object), found


def _by_pipe(model: CaseModel, found: Inversion, covariance: Floats) -> tuple[Floats, Floats]:
    """Return the clean water of each pipe and its error.

    Groundwater of one pipe scatters by ``PIPE_CV`` around its share. River water comes in at few places: a
    pipe has all of it with the probability of its share, or none.
    """
    pipes, cells = model.pipes, len(model.expected.made)
    mean, variance = np.zeros(len(pipes.cell)), np.zeros(len(pipes.cell))
    for kind, weight in ((GROUND, pipes.ground), (RIVER, pipes.river)):
        whole = np.bincount(pipes.cell, weight, cells)[pipes.cell]
        part = weight / np.where(whole > 0, whole, 1.0)
        cell = found.mean[kind][pipes.cell]
        own = np.maximum(np.diagonal(covariance[kind, :, kind]), 0)[pipes.cell]
        scatter = (PIPE_CV * part) ** 2 if kind == GROUND else part
        mean += part * cell
        variance += part**2 * own + scatter * (1 - part) * (cell**2 + own)
    return mean, np.sqrt(variance)
