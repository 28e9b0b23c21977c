"""How is a figure of a report drawn: its font, its colours, its bytes?"""

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

# Okabe–Ito for classes, one ramp for amounts: the same colours as the page.
GRADES = {1: "#009e73", 2: "#56b4e9", 3: "#e69f00", 4: "#d55e00", 0: "#a4adb3"}
RAMP = ("#7ac52f", "#35b779", "#21908d", "#31688e", "#440154")
CLASSES = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#f0e442", "#999999")
UNKNOWN, PALE, RIVER, INK, SOFT = "#a4adb3", "#d9dee0", "#9cc7e3", "#16212a", "#4d5b65"
GAIN, LOSS, TOTAL = "#009e73", "#d55e00", "#56768a"

FAMILY = "Noto Sans SC"
# Where the subset lacks a character of a name, a font of the machine may have it.
FALLBACK = (
    FAMILY, "Noto Sans CJK SC", "Source Han Sans SC", "PingFang SC", "Microsoft YaHei", "WenQuanYi Zen Hei",
    "DejaVu Sans",
)  # fmt: skip
CONTROLS = bytes(code for code in range(32) if code not in b"\t\n\r")  # XML has no word for them
MANY = 20_000  # lines of a map above which they are drawn as dots, not as lines


def font_folder() -> Path:
    """Return the folder of the fonts that come with Wenqu; empty while they are not built."""
    with as_file(files("wenqu.reports") / "fonts") as folder:
        return folder


@cache
def font_families() -> tuple[str, ...]:
    """Tell matplotlib of the fonts once, and return the families it can use here."""
    from matplotlib import font_manager

    for file in sorted(font_folder().glob("*.ttf")):
        font_manager.fontManager.addfont(str(file))
    known = set(font_manager.fontManager.get_font_names())
    return tuple(name for name in FALLBACK if name in known)


@contextmanager
def style() -> Iterator[None]:
    """Draw in the report's style, and leave matplotlib as it was."""
    import matplotlib as mpl

    settings: Any = {
        "font.family": list(font_families()[:2]),  # each font more costs at every word
        "font.size": 8.5,
        "axes.unicode_minus": False,
        "axes.edgecolor": SOFT,
        "axes.labelcolor": INK,
        "axes.linewidth": 0.6,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.titlesize": 9,
        "xtick.color": SOFT,
        "ytick.color": SOFT,
        "xtick.labelcolor": INK,
        "ytick.labelcolor": INK,
        "text.color": INK,
        "text.parse_math": False,  # a dollar in a name is a dollar
        "legend.frameon": False,
        "svg.fonttype": "none",  # text stays text: typst sets it, and it can be searched
        "svg.hashsalt": "wenqu",
        "path.simplify": True,
    }
    # A rare character that no font here has is set as a box; the report still comes.
    with mpl.rc_context(settings), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        yield


def sheet(width: float, height: float, margins: tuple[float, float, float, float] | None = None) -> Any:
    """Return an empty figure of a size, without any window. [inch]

    With margins (left, bottom, right, top, as shares) it is drawn once; without, once more to find them.
    """
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    made = Figure(figsize=(width, height), layout="constrained" if margins is None else None)
    if margins is not None:
        left, bottom, right, top = margins
        made.subplots_adjust(left, bottom, 1 - right, 1 - top)
    FigureCanvasSVG(made)
    return made


def svg_of(figure: Any) -> bytes:
    """Return a figure as SVG."""
    out = io.BytesIO()
    figure.savefig(out, format="svg", dpi=200, metadata={"Date": None})
    return out.getvalue().translate(None, CONTROLS)
