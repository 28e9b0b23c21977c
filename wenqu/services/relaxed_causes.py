"""What do the rules say must not be done, and which missed rule does that cause?"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from wenqu.planning.weighing import packages_named
from wenqu.services.programme_proof import PROOF, Proof, read_proof
from wenqu.store.database import Store

SLIGHT = 1e-6  # [-] of a milestone


@dataclass(frozen=True, slots=True)
class Barred:
    """What must not be done though another rule wants it."""

    must: tuple[str, ...] = ()  # names that must be mended by a date as well
    shares: Mapping[tuple[str, str], Mapping[str, float]] = field(default_factory=dict)
    # [-] by district ("" the city) and window of a milestone: what each name holds of its length

    def cause(self, row: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the names without which a rule would not be missed; () where that has other causes."""
        if row["rule"] not in {"must", "length"} or row["reached"] is None:
            return ()
        lack = float(row["demanded"]) - float(row["reached"])
        if row["rule"] == "must":
            return self.must if self.must and len(self.must) >= lack else ()
        held = self.shares.get((str(row["scope"]), str(row["window"])), {})
        chosen: list[str] = []
        for name, share in sorted(held.items(), key=lambda one: -one[1]):
            if lack <= SLIGHT:
                break
            chosen.append(name)
            lack -= share
        return tuple(chosen) if lack <= SLIGHT else ()


NOTHING = Barred()


def barred_names(store: Store, city: str) -> Barred:
    """Return what the last programme's rules bar, by what that costs them."""
    content = store.document(city, PROOF)
    return Barred() if content is None else barred_of(read_proof(content))


def barred_of(proof: Proof) -> Barred:
    """Return what a programme's rules bar."""
    options, rules = proof.options, proof.rules
    packages = {one.name: packages_named(options, one.name) for one in rules.must_not}
    must = tuple(name for name, mine in packages.items() if options.must[mine].any())
    shares: dict[tuple[str, str], dict[str, float]] = {}
    for rule in rules.lengths:
        scopes = [name for name in proof.lengths if name] if rule.district == "*" else [rule.district]
        for scope in scopes:
            whole = proof.lengths.get(scope, 0.0) if rule.of is None else rule.of
            for name, mine in packages.items():
                inside = mine[np.asarray(options.district[mine] == scope)] if scope else mine
                metres = float(options.problem_length[inside].sum())
                if whole > 0 and metres > 0:
                    shares.setdefault((scope, rule.by), {})[name] = metres / whole
    return Barred(must, shares)
