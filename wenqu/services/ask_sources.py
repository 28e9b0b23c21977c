"""Which drainage users and industries lie above this place, and how long does their water travel to it?"""

from collections import Counter

import numpy as np

from wenqu.network.travel import along, ways_up
from wenqu.services.asked_network import lines_of, method_told, node_of, sources_of, travel_of
from wenqu.services.city_state import CityState

FIELDS = ("name", "trade", "grade", "key_user", "permit_no", "district", "connects_to")


def ask_sources(state: CityState, id_: str, velocity: float | None = None) -> dict[str, object]:
    """Return every drainage user above an asset with its flow, distance and travel time, nearest first.

    Returns
    -------
    dict
        rows (id, name, trade, grade, key_user, permit_no, sewage_m3_s, people, distance_m, time_s, low_s,
        high_s), totals, trades (users and flow of each), method, geometry of the ways.

    Notes
    -----
    Times add up along the quickest way, each pipe just full; the interval holds for fillings between a
    tenth and all of the height and leaves out what a pump or a tank holds back.
    """
    topology, node = state.topology, node_of(state, id_, "up")
    own = topology.find(id_)[1]
    found, sources = travel_of(state, velocity), sources_of(state)
    ways = ways_up(topology, node, found.seconds)
    place = np.full(len(topology.node_ids) + 1, -1, dtype=np.int64)
    place[ways.nodes] = np.arange(len(ways.nodes))
    rows = np.flatnonzero(place[sources.node] >= 0)
    at = place[sources.node[rows]]
    order = np.argsort(ways.cost[at], kind="stable")
    rows, at = rows[order], at[order]
    sums = [along(ways, values) for values in (topology.link_length, found.low, found.high)]
    table = state.network.table("source")
    columns = {name: table.column(name)[rows] for name in FIELDS}
    figures = {
        "sewage_m3_s": sources.sewage[rows],
        "people": sources.people[rows],
        "distance_m": sums[0][at].round(1),
        "time_s": ways.cost[at].round(1),
        "low_s": sums[1][at].round(1),
        "high_s": sums[2][at].round(1),
    }
    told = [
        {
            "id": table.ids[row],
            **{name: _plain(columns[name][number]) for name in FIELDS},
            **{name: float(values[number]) for name, values in figures.items()},
        }
        for number, row in enumerate(rows)
    ]
    links = ways.link[ways.link >= 0]
    trades = Counter(str(trade or "") for trade in columns["trade"])
    return {
        "of": id_,
        "link": topology.link_ids[own] if own >= 0 else None,
        "rows": told,
        "totals": {
            "sources": len(rows),
            "key_users": int(np.count_nonzero(columns["key_user"] == 1)),
            "sewage_m3_s": round(float(figures["sewage_m3_s"].sum()), 9),
            "people": float(figures["people"].sum()),
            "length_m": round(float(topology.link_length[links].sum()), 3),
        },
        "trades": [
            {
                "trade": trade or None,
                "sources": count,
                "sewage_m3_s": round(
                    float(figures["sewage_m3_s"][columns["trade"] == (trade or None)].sum()), 9
                ),
            }
            for trade, count in trades.most_common()
        ],
        "method": method_told(found, links, velocity),
        "geometry": lines_of(state, links),
    }


def _plain(value: object) -> object:
    if isinstance(value, np.integer):
        return None if value < 0 else bool(value)
    return value
