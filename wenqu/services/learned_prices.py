"""What is the price table of a city when the effects of its methods are those that were verified?"""

from dataclasses import replace

from wenqu.planning.costs import Catalogue, read_catalogue
from wenqu.services.effect_ledger import EffectLedger, effect_ledger, learned
from wenqu.store.database import Store

PRICES = "catalogue.csv"


def own_prices(store: Store, city: str) -> Catalogue:
    """Return the price table of a city as it was given, the default one where none was."""
    own = store.document(city, PRICES)
    return read_catalogue(None if own is None else own.decode("utf-8-sig"))


def learned_prices(store: Store, city: str, book: Catalogue) -> Catalogue:
    """Return a price table whose effects hold what works in this city have shown.

    Its edition says so: ``+ n verified``. A table without a judged method comes back as it is.
    """
    return taught_prices(effect_ledger(store, city), book)


def taught_prices(ledger: EffectLedger, book: Catalogue) -> Catalogue:
    """Return a price table with the effects that the judged works of a ledger have shown."""
    methods, _ = learned(ledger, book)
    if not methods:
        return book
    found = {one.key: one for one in methods}
    rows = tuple(
        replace(row, effect_a=found[row.key].a, effect_b=found[row.key].b) if row.key in found else row
        for row in book.methods
    )
    count = len({id_ for one in methods for id_ in one.judged})
    return Catalogue(rows, f"{book.edition} + {count} verified")
