"""How are readings put into a store's archive, and got out of it again?"""

from collections.abc import Sequence

import numpy as np

from wenqu.series.model import Series
from wenqu.store.archive import Key, readings_of
from wenqu.store.engine import failures, lock_city, writing
from wenqu.store.moments import Moment, text_of
from wenqu.store.network import city_in
from wenqu.store.reached import Reached
from wenqu.store.readings import read_aside, read_readings, spans
from wenqu.store.series import (
    Conflict,
    SeriesInfo,
    Span,
    WriteCounts,
    announce,
    check_series,
    index_of,
    settle,
    write_layer,
    write_readings,
)


class SeriesKept(Reached):
    """The readings of a store."""

    def write_series(self, code: str, rows: Sequence[Series]) -> WriteCounts:
        """Add readings to the archive. What is there is never changed.

        A second reading of a time that differs from the first is kept aside and counted
        (``conflicts``); a reading for a time that was missing fills the gap.

        Raises
        ------
        BadInput
            A series cannot be kept as it is.
        Refused
            A simulated city gets readings that do not say so, or a real one invented readings.
        """
        with self._reading() as connection:
            city = city_in(connection, code)
        check_series(city, rows)
        readings = readings_of(rows)
        with self._alone(), failures(self._engine):
            with writing(self._engine, code) as connection:
                lock_city(connection, code)
                unfinished = announce(connection, code, readings.keys, city.simulated)
            with writing(self._engine, code) as connection:
                lock_city(connection, code)
                counts, grown = write_readings(self._readings, code, readings)
                counted = spans(self._readings, code) if unfinished else {}
                again: dict[Key, Span] = {key: counted.get(key, (None, None, 0)) for key in unfinished}
                settle(connection, code, readings.keys, grown, again)
        return counts

    def write_flags(self, code: str, rows: Sequence[Series], keep_manual: bool = True) -> int:
        """Set the flags of readings to those of ``rows`` and return how many changed.

        Only flags are written; values and times without a reading in the archive are passed over. A
        reading that somebody flagged by hand stays so unless ``keep_manual`` is off.
        """
        with self._reading() as connection:
            city = city_in(connection, code)
        check_series(city, rows)
        with self._alone(), failures(self._engine), writing(self._engine, code) as connection:
            lock_city(connection, code)
            return write_layer(self._readings, code, readings_of(rows), keep_manual)

    def read_series(
        self,
        code: str,
        asset: str,
        quantity: str,
        since: Moment | None = None,
        until: Moment | None = None,
    ) -> Series:
        """Return one quantity's readings at one asset; an empty series when there are none.

        Both ends belong to the span; a date as ``until`` means the end of that day.
        """
        found = self.read_many(code, quantity, [asset], since, until)
        if asset in found:
            return found[asset]
        nothing = np.empty(0, dtype="datetime64[s]")
        city = self.city(code)
        return Series(asset, quantity, nothing, np.empty(0), np.empty(0, np.uint8), city.simulated)

    def read_many(
        self,
        code: str,
        quantity: str,
        assets: Sequence[str] | None = None,
        since: Moment | None = None,
        until: Moment | None = None,
    ) -> dict[str, Series]:
        """Return one quantity's readings by asset (None: all that have any), in the order of the assets."""
        self.city(code)
        return read_readings(self._readings, code, quantity, assets, since, until)

    def series_index(self, code: str) -> list[SeriesInfo]:
        """Return what the archive has of a city, by asset and quantity."""
        with self._reading() as connection:
            city_in(connection, code)
            return index_of(connection, code, self._readings)

    def conflicts(self, code: str) -> list[Conflict]:
        """Return the readings that were given twice with different values, by asset, quantity and time."""
        self.city(code)
        return [
            Conflict(asset, quantity, text_of(at), np.nan if kept is None else kept, other, text_of(received))
            for asset, quantity, at, kept, other, received in read_aside(self._readings, code)
        ]
