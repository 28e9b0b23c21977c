"""What the tests share: the real data, when it lies beside the checkout."""

import importlib.util
import os
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import settings

from wenqu.store.moments import begin_of

# A busy machine is no fault of what is tested.
settings.register_profile("wenqu", deadline=None)
settings.load_profile("wenqu")

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(scope="session", autouse=True)
def planning_day() -> Iterator[None]:
    """Make the programmes of the tests on the last day of 2024: their years stand still."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("wenqu.services.plan_city.now", lambda: begin_of("2024-12-31"))
        yield


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of real, openly licensed data; skip (fail in CI) when it is absent."""
    if not SHARED.is_dir():
        message = "the real data (../shared/data) is not beside this checkout"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    return SHARED


@pytest.fixture(scope="session")
def crew() -> ModuleType:
    """Return what writes a small city and surveys of it (``inspected.py``)."""
    spec = importlib.util.spec_from_file_location("inspected", Path(__file__).with_name("inspected.py"))
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made
