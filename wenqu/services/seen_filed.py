"""Which waiting rows, statements and documents may a person see?"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import Path
from typing import TypeVar

from wenqu.errors import Refused
from wenqu.network.staging import with_edits
from wenqu.services.city_grid import PRIVATE
from wenqu.services.part_import import strange_rows
from wenqu.services.rights import allows, demand, reach
from wenqu.services.seen_part import SeenPart
from wenqu.services.seen_rows import seen_rows
from wenqu.services.sight import (
    belongs_to,
    names_only,
)
from wenqu.services.strange_names import without_strangers
from wenqu.services.waiting_rows import edit_from
from wenqu.store.documents import DocumentInfo
from wenqu.store.files import Kept
from wenqu.store.keys import Key as Secret
from wenqu.store.moments import Moment
from wenqu.store.records import Filing
from wenqu.store.waiting import Sought, Waiting

Statement = TypeVar("Statement")
FROZEN_LISTS = "figures/lists/"  # documents: the pipes that a percentage is a share of
OFFICIAL = "official/"  # documents: drafts and issued versions, opened through their register only
TABLES_OF_ASSETS = frozenset({"posterior.parquet"})  # documents: a row for each asset, so it can be cut
OF_NO_ASSET = frozenset({"frozen", "programme_table"})  # kinds that tell totals of a city and name no asset


class SeenFiled(SeenPart):
    """What is filed about assets, cut to those that a person may see."""

    def _mine(self, code: str, rows: Sequence[Waiting]) -> list[Waiting]:
        """Return the rows about assets that are seen, that the person brought, or may let in."""
        if all(row.inside for row in rows) or not allows(self._person, "import", code):
            return [row for row in rows if row.inside and row.asset in self._ids(code)]
        edits = {row.id: edit_from(row.body.get("edit")) for row in rows if not row.inside}
        before = self._cities.root.state(code).network
        ours: dict[str, set[str]] = {}
        for edit in filter(None, edits.values()):
            ours.setdefault(edit.type, set()).add(edit.id)
        whole = with_edits(before, list({(e.type, e.id): e for e in filter(None, edits.values())}.values()))
        finding = strange_rows(self._person, before, lambda some: self._store.closed(code, some))
        strange = {(one.type, one.asset) for one in finding(whole, ours)}
        mine = self._ids(code)
        return [
            row
            for row in rows
            if (
                row.asset in mine
                if row.inside
                else row.brought_by == self._person.account
                or ((one := edits[row.id]) is not None and (one.type, one.id) not in strange)
            )
        ]

    def waiting(
        self, code: str, sought: Sought | None = None, first: int = 0, most: int | None = None
    ) -> list[Waiting]:
        """Return rows that wait about assets that are seen."""
        if self._sight(code).whole:
            return self._store.waiting(code, sought, first, most)
        mine = self._mine(code, self._store.waiting(code, sought))
        return mine[first : None if most is None else first + most]

    def count_waiting(self, code: str, sought: Sought | None = None) -> list[tuple[str, str, bool, int]]:
        """Return rule, weight, whether inside, and number of the waiting rows that are seen."""
        if self._sight(code).whole:
            return self._store.count_waiting(code, sought)
        found = Counter((row.rule, row.weight, row.inside) for row in self.waiting(code, sought))
        return [(*kind, count) for kind, count in sorted(found.items())]

    def decided_in(self, code: str, number: int) -> list[int]:
        """Return the waiting rows that one change decided on and that are seen."""
        every = self._store.decided_in(code, number)
        if self._sight(code).whole:
            return every
        mine = {row.id for row in self.waiting(code, Sought(state="", ids=tuple(every)))}
        return [id_ for id_ in every if id_ in mine]

    def confirmed(self, code: str) -> list[tuple[str, str, str]]:
        """Return the confirmed findings about assets that are seen."""
        every = self._store.confirmed(code)
        if self._sight(code).whole:
            return every
        mine = self._ids(code)
        return [entry for entry in every if entry[2] in mine]

    def records(
        self,
        code: str,
        kind: str,
        cls: type[Statement],
        as_of: Moment | None = None,
        last_run: bool = False,
        of: Collection[str] | None = None,
    ) -> list[Statement]:
        """Return the statements about assets that are seen; those who see the whole city see all.

        Of other assets that such a statement was made from, no name is told.
        """
        rows = self._store.records(code, kind, cls, as_of, last_run, of)
        if self._sight(code).whole:
            return rows
        mine = self._ids(code, as_of)
        if kind in OF_NO_ASSET:
            every = self.every_id(code)
            return [without_strangers(row, mine, every) for row in rows]
        return self._told(code, rows, mine)

    def _told(self, code: str, rows: Iterable[Statement], mine: set[str]) -> list[Statement]:
        """Return the statements about assets that are theirs, without names of others."""
        every = self.every_id(code)
        return [without_strangers(row, mine, every) for row in rows if names_only(row, mine)]

    def filed(
        self, code: str, kind: str, cls: type[Statement], as_of: Moment | None = None
    ) -> list[tuple[Statement, Filing]]:
        """Return the statements that are seen with the change that filed each."""
        rows = self._store.filed(code, kind, cls, as_of)
        if self._sight(code).whole:
            return rows
        mine = self._ids(code, as_of)
        theirs = [row for row in rows if names_only(row[0], mine)]
        told = self._told(code, (row[0] for row in theirs), mine)
        return [(one, filing) for one, (_, filing) in zip(told, theirs, strict=True)]

    def frozen_list(self, code: str, name: str) -> bytes | None:
        """Return the list behind a percentage: a district's share is a part of it."""
        self._sight(code)
        return self._store.document(code, name) if name.startswith(FROZEN_LISTS) else None

    def rows_of_assets(self, code: str, name: str, as_of: Moment | None = None) -> bytes | None:
        """Return the rows of the assets whose values the person may read."""
        whole, content = self._sight(code).whole, self._store.rows_of_assets(code, name, as_of)
        if content is None or whole:
            return content
        return seen_rows(content, self._ids(code, as_of)) if name in TABLES_OF_ASSETS else None

    def secret(self, name: str, make: Callable[[], Secret]) -> Secret:  # noqa: ARG002 - it is Store's
        """Refuse: what a store signs with is asked for by those who decided that somebody may sign."""
        raise Refused("rights-part", city="*")

    def document(self, code: str, name: str, as_of: Moment | None = None) -> bytes | None:
        """Return a document to those who see the whole city, or the asset that it belongs to."""
        return self._store.document(code, name, as_of) if self._may_open(code, name) else None

    def document_path(self, code: str, name: str) -> Path | None:
        """Return where a document lies, to those who may open it."""
        return self._store.document_path(code, name) if self._may_open(code, name) else None

    def keep(self, code: str, path: Path, *, ours: bool = False, digest: str = "") -> Kept:
        """Keep a content for those who may bring something in."""
        demand(self._person, "import", code)
        return self._store.keep(code, path, ours=ours, digest=digest)

    def documents(self, code: str, name: str | None = None) -> list[DocumentInfo]:
        """Return the documents that the person may open."""
        if name is not None and not self._may_open(code, name):
            return []
        return [entry for entry in self._store.documents(code, name) if self._may_open(code, entry.name)]

    def _may_open(self, code: str, name: str) -> bool:
        if name.startswith(PRIVATE):
            return reach(self._person, "import", code).whole
        if name.startswith(OFFICIAL):
            return False
        if self._sight(code).whole:
            return True
        return belongs_to(name, self._ids(code))
