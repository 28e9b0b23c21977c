"""What proofs has each pipe in works? Samples, hidden works, closed-water tests, as built: all invented."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from urllib.parse import quote

from wenqu.examples.loop.stage import ACCEPTED, LEAKS, LET, UNSEEN, PlayedPipe
from wenqu.records.acceptance import AsBuilt, ClosedWaterTest, HiddenWork, MaterialSample
from wenqu.works.tightness import Built, tightness

HEAD, SOAK, READ = 2.2, 26 * 3600.0, 1800.0  # [m], [s], [s]
TIGHT, LEAKING = 0.4, 2.5  # [-] of the water that the standard allows
BUILT = frozenset({ACCEPTED, LEAKS, UNSEEN})


@dataclass(frozen=True, slots=True)
class Papers:
    """Everything that is filed of works, and the documents it names."""

    material: list[MaterialSample] = field(default_factory=list)
    hidden: list[HiddenWork] = field(default_factory=list)
    tests: list[ClosedWaterTest] = field(default_factory=list)
    as_built: list[AsBuilt] = field(default_factory=list)
    documents: dict[str, str] = field(default_factory=dict)  # document → file of this folder


def content_of(name: str) -> bytes:
    """Return a stand-in of this folder: it says on itself that it is simulated."""
    return (files("wenqu.examples.loop") / name).read_bytes()


def papers(pipes: Iterable[PlayedPipe], there: Mapping[str, Built]) -> Papers:
    """Return the proofs of pipes in works, as far as each has come."""
    made = Papers()
    sampled: dict[tuple[str, str], list[PlayedPipe]] = {}
    for number, one in enumerate(pipes, 1):
        if one.state != LET:
            sampled.setdefault((one.project, one.lot), []).append(one)
            made.hidden.append(_hidden(made, one, number))
        if one.state in BUILT:
            made.as_built.append(_as_built(made, one, number))
            made.tests.append(_test(made, one, number, there))
    for number, some in enumerate(sampled.values(), 1):
        made.material.append(_sample(made, some, number))
    return made


def _kept(made: Papers, pipe: str, name: str, file: str) -> str:
    document = f"attachment/conduit/{quote(pipe, safe='')}/{name}"
    made.documents[document] = file
    return document


def _sample(made: Papers, some: Sequence[PlayedPipe], number: int) -> MaterialSample:
    first = min(some, key=lambda one: one.built)
    material = "紫外光固化软管" if first.method == "cipp" else "HDPE 双壁波纹管"
    return MaterialSample(
        f"M{number:04d}", first.project, first.lot, tuple(one.pipe for one in some), first.day(-20), material,
        passed=True, maker="方源管业", batch=f"SIM-{number:03d}", laboratory="天光检测有限公司",
        file=_kept(made, first.pipe, f"material-{number:04d}.pdf", "paper.pdf"), simulated=True,
    )  # fmt: skip


def _hidden(made: Papers, one: PlayedPipe, number: int) -> HiddenWork:
    photo = _kept(made, one.pipe, f"hidden-{number:04d}.jpg", "hidden.jpg")
    day = one.day(-2) if one.state in BUILT else one.day(-34)
    part = "管道基础" if one.method == "open_cut" else "内衬"
    return HiddenWork(
        f"H{number:04d}", one.project, one.lot, (one.pipe,), day, part, passed=True, photos=(photo,),
        witness="方源监理有限公司", simulated=True,
    )  # fmt: skip


def _as_built(made: Papers, one: PlayedPipe, number: int) -> AsBuilt:
    return AsBuilt(
        f"A{number:04d}", one.project, one.lot, one.pipe, one.built, one.method, surveyor="问渠测绘院",
        file=_kept(made, one.pipe, f"as-built-{number:04d}.pdf", "paper.pdf"), simulated=True,
    )  # fmt: skip


def _test(made: Papers, one: PlayedPipe, number: int, there: Mapping[str, Built]) -> ClosedWaterTest:
    dry = ClosedWaterTest(
        f"T{number:04d}", one.project, one.lot, (one.pipe,), one.day(6), HEAD, SOAK, READ, 0.0,
        there[one.pipe].length, "天光检测有限公司", "方源监理有限公司", simulated=True,
    )  # fmt: skip
    allowed = tightness(dry, there, {one.pipe: one.method}).allowed
    water = allowed * (LEAKING if one.state == LEAKS else TIGHT)
    sheet = _kept(made, one.pipe, f"closed-water-{number:04d}.pdf", "paper.pdf")
    return ClosedWaterTest(
        dry.id, dry.project, dry.lot, dry.assets, dry.date, HEAD, SOAK, READ, round(water, 6), dry.length,
        dry.tester, dry.witness, sheet, simulated=True,
    )  # fmt: skip
