"""Which tables does a page hold that a system has written as .xls: HTML, or Excel's XML of 2003?"""

from html.parser import HTMLParser

from wenqu.survey.formats.grids import Cell, Grid

SIGNS = ("<table", "<ss:table", "<?mso-application")
MOST = 400  # columns or rows that one cell may cover
ROWS, CELLS = ("tr", "row", "ss:row"), ("td", "th", "cell", "ss:cell")


def is_page(text: str) -> bool:
    """Tell whether a text is a page with tables and no list of values."""
    head = text[:4096].lstrip("\ufeff \r\n\t").casefold()
    return head.startswith("<") and any(sign in text[:65536].casefold() for sign in SIGNS)


def grids_of_page(text: str, name: str) -> list[Grid]:
    """Return each table of a page, merged cells in all of their places.

    Examples
    --------
    >>> page = "<table><tr><td rowspan=2>A<td>1</tr><tr><td>2</table>"
    >>> [[cell.text for cell in row] for row in grids_of_page(page, "x")[0].rows]
    [['A', '1'], ['A', '2']]
    """
    reader = _Reader()
    reader.feed(text)
    reader.close()
    reader.end_row()
    tables = [rows for rows in reader.tables if rows]
    return [
        Grid(name if len(tables) == 1 else f"{name} {number}", rows, sheet=True)
        for number, rows in enumerate(tables, 1)
    ]


class _Reader(HTMLParser):
    """Collect rows; a cell that reaches down is kept for the rows below."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[list[list[Cell]]] = [[]]
        self.row: list[Cell] = []
        self.down: dict[int, tuple[Cell, int]] = {}  # column → cell, rows that it still covers
        self.words: list[str] = []
        self.size = (1, 1)  # columns, rows of the open cell
        self.open = self.skip = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a table, a row or a cell."""
        told = {key: value or "" for key, value in attrs}
        if tag in {"table", "ss:table", "worksheet"}:
            self.end_row()
            self.tables.append([])
            self.down = {}
        elif tag in ROWS:
            self.end_row()
        elif tag in CELLS:
            self._end_cell()
            for _ in range(_count(told.get("ss:index", "")) - 1 - len(self.row)):
                self._put(Cell(""))
            across, down = told.get("colspan", "1"), told.get("rowspan", "1")
            if "ss:mergeacross" in told or "ss:mergedown" in told:
                across, down = (
                    str(1 + _count(told.get(f"ss:merge{way}", "0"))) for way in ("across", "down")
                )
            self.size, self.open = (max(_count(across), 1), max(_count(down), 1)), True
        elif tag == "br" and self.open:
            self.words.append("\n")
        self.skip = tag in {"style", "script"}

    def handle_endtag(self, tag: str) -> None:
        """End a cell or a row."""
        if tag in CELLS:
            self._end_cell()
        elif tag in {*ROWS, "table", "ss:table"}:
            self.end_row()
        self.skip = False

    def handle_data(self, data: str) -> None:
        """Note what stands in a cell."""
        if self.open and not self.skip:
            self.words.append(data)

    def _end_cell(self) -> None:
        if not self.open:
            return
        cell = Cell("".join(self.words).replace("\u00a0", " ").strip())
        across, down = self.size
        for _ in range(across):
            place = self._free()
            if down > 1:
                self.down[place] = (cell, down)
            self._put(cell)
        self.words, self.open, self.size = [], False, (1, 1)

    def _free(self) -> int:
        """Return the next column that no cell from above covers, once those that are covered are filled."""
        while len(self.row) in self.down:
            self._put(self.down[len(self.row)][0])
        return len(self.row)

    def _put(self, cell: Cell) -> None:
        if len(self.row) < MOST:
            self.row.append(cell)

    def end_row(self) -> None:
        """Keep the row that is open."""
        self._end_cell()
        if not self.row:
            return
        self._free()
        self.tables[-1].append(self.row)
        self.row = []
        self.down = {place: (cell, left - 1) for place, (cell, left) in self.down.items() if left > 1}


def _count(text: str) -> int:
    return min(int(text), MOST) if text.strip().isdigit() else 0
