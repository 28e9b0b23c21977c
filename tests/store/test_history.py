"""Whatever is put and closed in whatever order, every moment can be read again: checked against a dict."""

import tempfile
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from wenqu.network.geometry import Shapes
from wenqu.network.model import City, assets
from wenqu.store.database import open_store

NAMES = st.sampled_from(["M1", "M2", "M3", "M4"])
# ground level, place, an unknown column; None is a missing one
CONTENTS = st.tuples(
    st.one_of(st.none(), st.sampled_from([1.0, -0.0, 0.1])),
    st.one_of(st.none(), st.sampled_from([0.0, 7.5])),
    st.one_of(st.none(), st.sampled_from(["旧", "x"])),
)
STEPS = st.lists(st.one_of(st.dictionaries(NAMES, CONTENTS, min_size=1), NAMES), min_size=1, max_size=3)


def table(contents):
    levels = [level for level, _, _ in contents.values()]
    places = np.array([[np.nan if x is None else x, 0.0] for _, x, _ in contents.values()])
    notes = np.array([note for _, _, note in contents.values()], dtype=object)
    return assets("manhole", list(contents), {"ground_level": levels}, Shapes.points(places), {"note": notes})


def contents_of(network):
    back = network.table("manhole")
    levels = back.column("ground_level")
    notes = back.extra.get("note", [None] * len(back))
    found = {}
    for row, name in enumerate(back.ids):
        place = back.shapes.of(row)
        level = None if np.isnan(levels[row]) else str(levels[row])
        found[name] = (level, float(place[0, 0]) if len(place) else None, notes[row])
    return found


def told(contents):
    return {
        name: (None if level is None else str(level), x, note) for name, (level, x, note) in contents.items()
    }


class Histories(RuleBasedStateMachine):
    """The store against a list of dictionaries: what was there after each change."""

    def __init__(self):
        super().__init__()
        self.folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        self.store = open_store(self.folder.name)
        with self.store.change("S", who="a", why="the city") as change:
            change.put_city(City("S"))
        self.states = [{}]

    @rule(steps=STEPS)
    def change(self, steps):
        now = dict(self.states[-1])
        before = self.store.version("S")
        with self.store.change("S", who="a", why="steps") as change:
            for step in steps:
                if isinstance(step, dict):
                    counts = change.put(table(step))
                    expected = [
                        "new"
                        if name not in now
                        else "same"
                        if told({0: now[name]}) == told({0: content})
                        else "changed"
                        for name, content in step.items()
                    ]
                    assert (counts.new, counts.changed, counts.same) == tuple(
                        expected.count(kind) for kind in ("new", "changed", "same")
                    )
                    now |= step
                elif step in now:
                    change.close("manhole", [step])
                    del now[step]
        if self.store.version("S") > before:
            self.states.append(now)
        else:
            assert told(now) == told(self.states[-1])

    @rule(steps=STEPS)
    def broken_change(self, steps):
        with pytest.raises(InterruptedError):
            self.fail_after(steps)

    def fail_after(self, steps):
        with self.store.change("S", who="a", why="fails") as change:
            for step in steps:
                if isinstance(step, dict):
                    change.put(table(step))
            raise InterruptedError

    @invariant()
    def every_moment_reads_as_it_was(self):
        assert contents_of(self.store.network("S", types=["manhole"])) == told(self.states[-1])
        moments = [entry.at for entry in reversed(self.store.changes("S"))]
        assert len(moments) == len(self.states)
        for moment, state in zip(moments, self.states, strict=True):
            assert contents_of(self.store.network("S", as_of=moment, types=["manhole"])) == told(state)

    @invariant()
    def versions_of_an_asset_never_overlap(self):
        for name in ("M1", "M2"):
            versions = self.store.history("S", "manhole", name)
            assert all(one.valid_to <= next_.valid_from for one, next_ in pairwise(versions))
            assert all(
                version.valid_to == "" or version.valid_from < version.valid_to for version in versions
            )

    def teardown(self):
        self.store.close()
        self.folder.cleanup()


TestHistories = Histories.TestCase
TestHistories.settings = settings(max_examples=8, stateful_step_count=6, deadline=None)
