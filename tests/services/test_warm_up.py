"""What is read ahead is what a reader would have read."""

import numpy as np

from wenqu.network.geometry import Shapes
from wenqu.network.model import City, assets
from wenqu.services.city_state import Cities
from wenqu.services.warm_up import warm_up
from wenqu.store.database import open_store


def test_the_first_city_is_read_before_anyone_asks(tmp_path):
    store = open_store(tmp_path / "store")
    with store.change("demo", who="tester", why="test") as change:
        change.put_city(City("demo", crs="EPSG:4549"))
        change.put(assets("manhole", ["m1"], {}, Shapes.points(np.array([[500000.0, 3200000.0]]))))
    known = Cities(store)
    warm_up(known).join(timeout=60)
    state = known.state("demo")
    assert any(name.startswith("map") for name in state._made)
    assert known.state("demo") is state
    store.close()
