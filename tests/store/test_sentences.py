"""Every way the store says no has a sentence in both languages."""

import re
from pathlib import Path

import pytest

from wenqu import errors
from wenqu.messages import LANGUAGES, sentences
from wenqu.store import engine, files

FOLDER = Path(files.__file__).parent
RAISED = re.compile(r"\b(BadInput|Refused|StoreFailed)\(\s*\"([a-z-]+)\"")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_of_the_store_has_its_own_sentence(language):
    found = {
        (name, reason)
        for path in FOLDER.rglob("*.py")
        for name, reason in RAISED.findall(path.read_text(encoding="utf-8"))
    }
    found |= {("StoreFailed", reason) for reason, _ in engine._REASONS}
    assert len(found) > 30
    keys = {f"error.{getattr(errors, name).code}.{reason}" for name, reason in found}
    assert sorted(keys - sentences(language).keys()) == []
