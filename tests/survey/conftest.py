"""The public sample of EN 13508-2, where it is at hand."""

from pathlib import Path

import pytest


@pytest.fixture
def kwb(shared_data: Path) -> Path:
    """The survey that KWB publishes under MIT."""
    return shared_data / "kwb-en13508-2" / "example_13508_2.txt"
