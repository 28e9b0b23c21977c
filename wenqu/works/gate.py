"""May a mended pipe be counted? What is there, what lacks, by which rule."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from wenqu.records.acceptance import AsBuilt, ClosedWaterTest, HiddenWork, MaterialSample, Proof
from wenqu.records.project import PARTIES, Party
from wenqu.works.requirements import Requirement, limit, requirements
from wenqu.works.tightness import Built, Lack, Tightness, tightness

Passing = TypeVar("Passing", MaterialSample, HiddenWork)
MET, LACKS, NOT_ASKED = "met", "lacks", "not_asked"


@dataclass(frozen=True, slots=True)
class Look:
    """One run of a camera through the pipe, with the worse of its grades."""

    inspection: str
    date: str
    length: float  # [m] seen
    grade: int  # 1 to 4, 0 when nobody graded it
    film: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything that was filed about the works on one pipe."""

    asset: str
    method: str
    parties: tuple[Party, ...] = ()
    as_built: AsBuilt | None = None
    pipes: Mapping[str, Built] = field(default_factory=dict)  # of this and the sections tested with it
    methods: Mapping[str, str] = field(default_factory=dict)
    looks: Sequence[Look] = ()
    tests: Sequence[ClosedWaterTest] = ()  # in the order in which they were filed
    samples: Sequence[MaterialSample] = ()
    hidden: Sequence[HiddenWork] = ()
    filed: Mapping[tuple[str, str], str] = field(default_factory=dict)  # (kind, id) → ISO date it was filed

    @property
    def done(self) -> str:
        """Return the day the works were finished, "" while nothing is built."""
        return self.as_built.date[:10] if self.as_built else ""


@dataclass(frozen=True, slots=True)
class Check:
    """One requirement held against the evidence."""

    requirement: Requirement
    state: str  # MET, LACKS or NOT_ASKED
    proofs: tuple[Proof, ...] = ()
    lacks: tuple[Lack, ...] = ()
    tightness: Tightness | None = None


@dataclass(frozen=True, slots=True)
class Gate:
    """Whether one pipe may be accepted."""

    asset: str
    checks: tuple[Check, ...]

    @property
    def open(self) -> bool:
        """Tell whether the pipe may be counted."""
        return all(check.state != LACKS for check in self.checks)

    @property
    def proofs(self) -> tuple[Proof, ...]:
        """Return what it rests on."""
        return tuple(proof for check in self.checks if check.state == MET for proof in check.proofs)

    @property
    def rules(self) -> tuple[str, ...]:
        """Return the rules that were asked."""
        return tuple(check.requirement.rule for check in self.checks if check.state != NOT_ASKED)

    @property
    def lacks(self) -> tuple[Lack, ...]:
        """Return everything that lacks."""
        return tuple(lack for check in self.checks for lack in check.lacks)


Found = tuple[Sequence[Proof], Sequence[Lack], Tightness | None]


def gate(evidence: Evidence) -> Gate:
    """Hold everything that was filed about a pipe against every requirement.

    A later test or a later look takes the place of an earlier one, for better or worse; what is dated
    before the works were finished proves nothing about them.
    """
    built = evidence.pipes.get(evidence.asset)
    system = built.system if built else ""
    removed = evidence.as_built is not None and evidence.as_built.removed
    checks = []
    for rule in requirements():
        asked = rule.asked_of(evidence.method, system) and not (removed and rule.key in OF_A_PIPE)
        proofs, lacks, found = CHECKS[rule.key](evidence) if asked else ((), (), None)
        late = [_impossible(evidence, proof) for proof in proofs]
        wrong = (*lacks, *(lack for lack in late if lack))
        state = NOT_ASKED if not asked else LACKS if wrong else MET
        checks.append(Check(rule, state, tuple(proofs), wrong, found))
    return Gate(evidence.asset, tuple(checks))


def _parties(evidence: Evidence) -> Found:
    there = {party.role for party in evidence.parties if party.body.strip()}
    lacks = [Lack("party", {"role": role}) for role in PARTIES if role not in there]
    bodies = {party.role: party.body.strip() for party in evidence.parties}
    lacks += [
        Lack("party-own", {"role": role, "body": bodies[role]})
        for role in ("supervisor", "tester")
        if bodies.get(role) and bodies[role] == bodies.get("contractor")
    ]
    return (), lacks, None


def _material(evidence: Evidence) -> Found:
    samples = [one for one in evidence.samples if evidence.asset in one.assets]
    proofs = [Proof("material", one.id) for one in samples]
    if not samples:
        return proofs, [Lack("material")], None
    failed = _not_made_good(samples, lambda one: (one.material, one.batch))
    return proofs, [Lack("material-failed", {"sample": one.id, "batch": one.batch}) for one in failed], None


def _hidden(evidence: Evidence) -> Found:
    looks = [one for one in evidence.hidden if evidence.asset in one.assets]
    proofs = [Proof("hidden", one.id) for one in looks]
    if not looks:
        return proofs, [Lack("hidden")], None
    lacks = [
        Lack("hidden-failed", {"record": one.id, "part": one.part})
        for one in _not_made_good(looks, lambda one: one.part)
    ]
    if not any(one.photos for one in looks):
        lacks.append(Lack("hidden-photo"))
    return proofs, lacks, None


def _not_made_good(records: Sequence[Passing], of: Callable[[Passing], object]) -> list[Passing]:
    """Return the last record of each kind that did not pass."""
    last: dict[object, Passing] = {}
    for one in sorted(records, key=lambda one: one.date):
        last[of(one)] = one
    return [one for one in last.values() if not one.passed]


def _closed_water(evidence: Evidence) -> Found:
    tests = [one for one in evidence.tests if evidence.asset in one.assets]
    after = [one for one in tests if evidence.done and one.date[:10] >= evidence.done]
    if not after:
        code = "closed-water-before" if tests and evidence.done else "closed-water"
        return (), [Lack(code, {"done": evidence.done})], None
    last = max(enumerate(after), key=lambda pair: (pair[1].date[:10], pair[0]))[1]
    found = tightness(last, evidence.pipes, evidence.methods)
    return [Proof("closed_water", last.id)], found.lacks, found


def _cctv(evidence: Evidence) -> Found:
    after = [one for one in evidence.looks if evidence.done and one.date[:10] >= evidence.done]
    if not after:
        code = "cctv-before" if evidence.looks and evidence.done else "cctv"
        return (), [Lack(code, {"done": evidence.done})], None
    last = max(enumerate(after), key=lambda pair: (pair[1].date[:10], pair[0]))[1]
    lacks = []
    worst = int(limit("cctv_grade"))
    if not last.grade:
        lacks.append(Lack("cctv-ungraded", {"inspection": last.inspection}))
    elif last.grade > worst:
        lacks.append(Lack("cctv-grade", {"inspection": last.inspection, "grade": last.grade, "worst": worst}))
    built = evidence.pipes.get(evidence.asset)
    length = built.length if built else math.nan
    if not last.length >= limit("cctv_share") * length:
        lacks.append(
            Lack("cctv-length", {"inspection": last.inspection, "seen": last.length, "length": length})
        )
    return [Proof("cctv", last.inspection)], lacks, None


def _as_built(evidence: Evidence) -> Found:
    if evidence.as_built is None:
        return (), [Lack("as-built")], None
    proof = [Proof("as_built", evidence.as_built.id)]
    there = evidence.asset in evidence.pipes
    if evidence.as_built.removed:
        return proof, [Lack("as-built-still-there", {"pipe": evidence.asset})] if there else [], None
    return proof, [] if there else [Lack("as-built-gone", {"pipe": evidence.asset})], None


def _impossible(evidence: Evidence, proof: Proof) -> Lack | None:
    """Return what is wrong with a proof that is dated after the day on which it was filed."""
    filed = evidence.filed.get((proof.kind, proof.id), "")
    stated = stated_days(evidence).get((proof.kind, proof.id), "")
    if filed and stated[:10] > filed[:10]:
        return Lack("dated-ahead", {"id": proof.id, "stated": stated[:10], "filed": filed[:10]})
    return None


def stated_days(evidence: Evidence) -> dict[tuple[str, str], str]:
    """Return the day that each proof is stated for, by kind and id."""
    made = [(("closed_water", one.id), one.date) for one in evidence.tests]
    made += [(("cctv", one.inspection), one.date) for one in evidence.looks]
    made += [(("material", one.id), one.date) for one in evidence.samples]
    made += [(("hidden", one.id), one.date) for one in evidence.hidden]
    if evidence.as_built:
        made.append((("as_built", evidence.as_built.id), evidence.as_built.date))
    return dict(made)


OF_A_PIPE = frozenset({"material", "hidden", "closed_water", "cctv"})  # not asked of one that was taken out
CHECKS: Mapping[str, Callable[[Evidence], Found]] = {
    "parties": _parties,
    "material": _material,
    "hidden": _hidden,
    "closed_water": _closed_water,
    "cctv": _cctv,
    "as_built": _as_built,
}
