"""Which characters can a document print: the GB 2312 subset of Noto Sans SC, cut from the page's packages."""

import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "frontend" / "node_modules" / "@expo-google-fonts" / "noto-sans-sc"
FONTS = ROOT / "wenqu" / "reports" / "fonts"
STYLES = {"400Regular": ("Regular", 400), "700Bold": ("Bold", 700)}
FAMILY = "Noto Sans SC"
# Signs of the reports that GB 2312 lacks: units, intervals, superscripts, arrows and marks.
MORE = (
    "·×÷±≤≥≠≈−–—…·°µ²³⁰¹⁴⁵⁶⁷⁸⁹₀₁₂₃₄₅₆₇₈₉ΔΣΦαβγλμσητρ√∞‰→←↑↓✓✗■□●○▲△▼▽ⅠⅡⅢⅣⅤ①②③④⑤⑥⑦⑧⑨⑩“”‘’《》〔〕（），。；："
)


def gb2312() -> set[int]:
    """Return the code points of GB 2312-80 and of printable ASCII."""
    found = set(range(0x20, 0x7F))
    for high in range(0xA1, 0xF8):
        for low in range(0xA1, 0xFF):
            try:
                found.add(ord(bytes((high, low)).decode("gb2312")))
            except UnicodeDecodeError:
                continue
    return found | {ord(sign) for sign in MORE} | set(range(0xA0, 0x100))


def _name(font: TTFont, style: str, weight: int) -> None:
    """Give the subset one family name, so that typst and matplotlib find regular and bold by weight."""
    for entry in list(font["name"].names):
        if entry.nameID in {16, 17, 21, 22, 25}:
            font["name"].removeNames(nameID=entry.nameID)
    for number, text in {1: FAMILY, 2: style, 4: f"{FAMILY} {style}", 6: f"NotoSansSC-{style}"}.items():
        font["name"].setName(text, number, 3, 1, 0x409)
    font["OS/2"].usWeightClass = weight
    # Its space is a quarter of an em: thin enough to stand for the thin spaces it lacks.
    for table in font["cmap"].tables:
        if table.isUnicode():
            table.cmap |= dict.fromkeys((0x2009, 0x202F), table.cmap[0x20])


def build(folder: str, style: str, weight: int) -> Path:
    """Cut one weight and return the file."""
    sources = sorted((PACKAGE / folder).glob("*.ttf"))
    if not sources:
        print(f"✗ {PACKAGE / folder} holds no font; run ./scripts/install.py first.", file=sys.stderr)
        raise SystemExit(1)
    options = subset.Options()
    options.hinting = False
    options.layout_features = ["kern", "locl", "ccmp", "tnum"]
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14]
    options.notdef_outline = True
    font = subset.load_font(str(sources[0]), options)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=gb2312())
    cutter.subset(font)
    _name(font, style, weight)
    FONTS.mkdir(parents=True, exist_ok=True)
    target = FONTS / f"NotoSansSC-{style}.ttf"
    subset.save_font(font, str(target), options)
    return target


def main() -> None:
    """Cut both weights."""
    for folder, (style, weight) in STYLES.items():
        made = build(folder, style, weight)
        print(f"{made.relative_to(ROOT)}: {made.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
