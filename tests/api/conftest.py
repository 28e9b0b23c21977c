"""The small city with a few people in it, whom a module names in ``GRANTS``; each asks as himself."""

import shutil

import pytest
from fastapi.testclient import TestClient

from tests.services.test_figures_frozen import small_city
from wenqu.api.router import make_api
from wenqu.services.accounts import give_grant
from wenqu.services.city_state import Cities
from wenqu.services.entrance import COOKIE, Entrance
from wenqu.services.rights import LOCAL
from wenqu.store.database import open_store

HOME = "http://127.0.0.1"


@pytest.fixture(scope="module")
def folder(request, tmp_path_factory):
    """Return a folder with the small city, in which the module's people have their rights."""
    made = tmp_path_factory.mktemp(request.module.__name__.rpartition(".")[2])
    store = small_city(made)
    for name, grant in request.module.GRANTS.items():
        store.accounts.add(name, "", "", "tester")
        give_grant(store.accounts, LOCAL, name, grant)
    store.close()
    return made / "store"


@pytest.fixture
def face(folder, tmp_path):
    """Return how somebody asks, by name; "" for a stranger. The store is a copy of its own."""
    store = open_store(str(shutil.copytree(folder, tmp_path / "store")))
    app = make_api(Cities(store), Entrance(store.accounts))

    def as_(name):
        client = TestClient(app, base_url=HOME, headers={"Origin": HOME, "Accept-Language": "zh"})
        if name:
            client.cookies.set(COOKIE, app.state.entrance.begin(name))
        return client

    yield as_
    store.close()
