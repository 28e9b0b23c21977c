"""The command line, called as a user calls it, in this process."""

import json
import logging
import os
import sys
from dataclasses import dataclass

import pytest

from wenqu.cli import main, output
from wenqu.examples.little_city import little_city
from wenqu.store.database import open_store


@dataclass(frozen=True)
class Said:
    """What one call said and how it ended."""

    code: int
    out: str
    err: str

    @property
    def json(self):
        return json.loads(self.out)


@pytest.fixture
def wenqu(monkeypatch, capsys, tmp_path):
    """Return a caller of the command line; it lives in an empty folder with a store of its own."""
    monkeypatch.chdir(tmp_path)

    def call(*words, store=tmp_path / "store", language="en", **environment):
        for name in [name for name in os.environ if name.startswith("WENQU_")]:
            monkeypatch.delenv(name)
        for name, value in {"STORE": store, "LANGUAGE": language, "AUTHOR": "tester", **environment}.items():
            monkeypatch.setenv(f"WENQU_{name}", str(value))
        monkeypatch.setattr(sys, "argv", ["wenqu", *(str(word) for word in words)])
        output.settings.cache_clear()
        capsys.readouterr()
        code = 0
        try:
            main.run()
        except SystemExit as left:
            code = left.code
        said = capsys.readouterr()
        assert "Traceback" not in said.out + said.err
        return Said(code, said.out, said.err)

    yield call
    logging.captureWarnings(capture=False)
    output.settings.cache_clear()


@pytest.fixture(scope="session")
def little(tmp_path_factory):
    """Return the folder of a store with the little city, whose assets no test changes."""
    folder = tmp_path_factory.mktemp("little")
    store = open_store(str(folder))
    network = little_city()
    with store.change("little", who="tester", why="test") as change:
        change.put_city(network.city)
        for table in network.tables.values():
            change.put(table)
    store.close()
    return folder
