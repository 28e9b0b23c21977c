"""Who is it that asks, and what may they do where?"""

from collections.abc import Mapping
from dataclasses import asdict

from wenqu.services.city_state import Cities
from wenqu.services.entrance import Entrance
from wenqu.services.rights import ACTIONS, EVERYWHERE, Person, allows, reach, roles
from wenqu.services.sight import sight_of


def who_am_i(known: Cities, door: Entrance, who: Person, cookies: Mapping[str, str]) -> dict[str, object]:
    """Return account, grants, and for each city what may be done and whether only a part is seen."""
    signed_in = None if who.local or who.token else door.signed_in(cookies)
    cities = {
        city.code: {
            "actions": [action for action in ACTIONS if reach(who, action, city.code)],
            "partial": not sight_of(who, city.code).whole,
        }
        for city in known.store.cities()
        if sight_of(who, city.code)
    }
    return {
        "account": who.account,
        "title": signed_in.title if signed_in else "",
        "visitor": not who.account,
        "local": who.local,
        "must_change": bool(signed_in and signed_in.must_change),
        "administers": allows(who, "administer", EVERYWHERE)
        or any(allows(who, "administer", grant.city) for grant in who.grants),
        "grants": [asdict(grant) for grant in who.grants],
        "cities": cities,
        "roles": {name: {"zh": role.zh, "en": role.en} for name, role in roles().items()},
    }
