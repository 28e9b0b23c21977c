"""What the tests share: the real data, when it lies beside the checkout."""

import os
from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of real, openly licensed data; skip (fail in CI) when it is absent."""
    if not SHARED.is_dir():
        message = "the real data (../shared/data) is not beside this checkout"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    return SHARED
