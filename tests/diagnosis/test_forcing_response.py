"""A level that does not move tells nothing, and says so without a complaint of the arithmetic."""

import numpy as np
import pytest

from wenqu.diagnosis.forcing_response import rain_memories, response


@pytest.mark.parametrize("seed", range(12))
def test_the_answer_to_a_level_that_stands_still_is_wholly_unsure_and_the_other_is_found(seed):
    rng = np.random.default_rng(seed)
    days = np.arange(100)
    level = 0.3 * np.sin(2 * np.pi * days / 31) + 0.1 * rng.standard_normal(100)
    still = np.column_stack([level, np.zeros(100)])  # nobody reads the river
    others = np.column_stack([(days % 7 >= 5).astype(float), rain_memories(np.zeros(100))])
    flow = 0.1 + 0.02 * level + 1e-4 * rng.standard_normal(100)
    found = response(flow, still, others, np.ones(100, dtype=bool))
    assert found is not None
    assert found.river_sd == np.inf
    assert abs(found.groundwater - 0.02) < 5 * found.groundwater_sd < 0.002
