"""Which rows wait to be mended in a store, and what was decided about them?"""

from wenqu.store.network import city_in
from wenqu.store.reached import Reached
from wenqu.store.waiting import (
    Sought,
    Waiting,
    confirmed_in,
    count_waiting,
    decided_in,
    open_keys,
    read_waiting,
)


class WaitingKept(Reached):
    """The queue of a store."""

    def waiting(
        self, code: str, sought: Sought | None = None, first: int = 0, most: int | None = None
    ) -> list[Waiting]:
        """Return rows that wait to be mended, or were decided on, oldest first."""
        with self._reading() as connection:
            city_in(connection, code)
            return read_waiting(connection, code, sought or Sought(), first, most)

    def count_waiting(self, code: str, sought: Sought | None = None) -> list[tuple[str, str, bool, int]]:
        """Return rule, weight, whether inside, and number of the waiting rows."""
        with self._reading() as connection:
            city_in(connection, code)
            return count_waiting(connection, code, sought or Sought())

    def doubted(self, code: str, type_: str) -> set[str]:
        """Return the ids of the assets of a type about which a row waits."""
        with self._reading() as connection:
            return {asset for _, type_of, asset in open_keys(connection, code) if type_of == type_}

    def confirmed(self, code: str) -> list[tuple[str, str, str]]:
        """Return (rule, type, id) of every finding that a person has confirmed as right."""
        with self._reading() as connection:
            return confirmed_in(connection, code)

    def decided_in(self, code: str, number: int) -> list[int]:
        """Return the ids of the waiting rows that one change decided on."""
        with self._reading() as connection:
            return decided_in(connection, code, number)
