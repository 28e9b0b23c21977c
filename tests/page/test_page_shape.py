"""The page's own rules: who knows the map library, where colours and sentences live, what is shipped."""

import csv
import gzip
import re
from pathlib import Path

import pytest

from wenqu.messages import sentences

FRONTEND = Path(__file__).resolve().parents[2] / "frontend"
SOURCES = sorted(path for path in (FRONTEND / "src").rglob("*") if path.suffix in {".svelte", ".ts", ".css"})
KEY = re.compile(r"""["'`](page\.[a-z0-9_.]+?)(?:\$\{[^`]*)?["'`]""")


def text(path):
    return path.read_text(encoding="utf-8")


def markup(path):
    """Return what a component draws: no script, no style, no comments, no expressions."""
    body = re.sub(r"(?s)<script.*?</script>|<style.*?</style>|<!--.*?-->", "", text(path))
    while "{" in body:
        body, found = re.subn(r"\{[^{}]*\}", "", body)
        if not found:
            break
    return body


def test_only_one_file_knows_the_map_library():
    assert [path.name for path in SOURCES if "maplibre-gl" in text(path)] == ["WenquMap.svelte"]


def test_every_source_file_is_shorter_than_300_lines():
    assert [path.name for path in SOURCES if text(path).count("\n") >= 300] == []


def test_colours_stand_in_the_theme_alone():
    colour = re.compile(r"#[0-9a-fA-F]{3,8}\b(?![\w-])|\b(?:rgba?|hsla?|oklch)\(")
    named = {path.name: colour.findall(text(path)) for path in SOURCES if path.name != "theme.css"}
    named = {name: [hit for hit in hits if hit != "#each"] for name, hits in named.items()}
    assert {name: hits for name, hits in named.items() if hits} == {}


def test_both_themes_name_the_same_colours_that_differ():
    light, dark = re.split(r':root\[data-theme="dark"\]', text(FRONTEND / "src" / "theme.css"))
    names = re.compile(r"^\s*(--[\w-]+):", re.MULTILINE)
    assert set(names.findall(dark)) <= set(names.findall(light))
    used = set(re.findall(r"var\((--[\w-]+)\)", " ".join(text(path) for path in SOURCES)))
    given = {name for path in SOURCES for name in re.findall(r"style:(--[\w-]+)", text(path))}
    assert used - set(names.findall(light)) - given - {"--colour"} == set()


def test_every_word_on_the_page_comes_from_the_tables():
    chinese = re.compile(r"[\u4e00-\u9fff]")
    allowed = {"App.svelte"}  # holds the one sentence that says that the tables did not come
    found = {
        path.name
        for path in SOURCES
        if chinese.search(re.sub(r"(?s)<!--.*?-->|//[^\n]*|/\*.*?\*/", "", text(path)))
    }
    assert found <= allowed
    written = {}
    for path in SOURCES:
        if path.suffix != ".svelte" or path.name in allowed:
            continue
        words = re.findall(r">([^<>]*[A-Za-z]{3,}[^<>]*)<", re.sub(r"&\w+;", " ", markup(path)))
        written |= {path.name: words} if words else {}
    assert written == {}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_key_that_the_page_asks_for_has_a_sentence(language):
    table = sentences(language)
    asked = {key for path in SOURCES for key in KEY.findall(text(path))}
    missing = {
        key
        for key in asked
        if key not in table and not (key.endswith((".", "_")) and any(name.startswith(key) for name in table))
    }
    assert missing - {"page.map.", "page."} == set()


def test_no_sentence_of_the_page_lies_unused():
    body = "\n".join(text(path) for path in SOURCES)
    whole = {key for path in SOURCES for key in KEY.findall(text(path))}
    begun = {key for key in re.findall(r"`(page\.[a-z_.]*?)\$\{", body) if key != "page."}
    unused = {
        key
        for key in sentences("zh")
        if key.startswith("page.")
        and key not in whole
        and not any(key.startswith(start) for start in begun)
        and not (key.endswith(("_next", "_why")) and key.rpartition("_")[0] in sentences("zh"))
    }
    assert unused == set()


def test_both_languages_ask_for_the_same_facts():
    chinese, english = sentences("zh"), sentences("en")
    holes = re.compile(r"\{(\w+)")
    assert {
        key
        for key in chinese
        if key.startswith("page.") and set(holes.findall(chinese[key])) != set(holes.findall(english[key]))
    } == set()


def test_every_asset_type_has_an_icon():
    table = (FRONTEND.parent / "wenqu" / "network" / "assets" / "types.csv").read_text(encoding="utf-8")
    drawn = set(re.findall(r"^  (\w+): \"M", text(FRONTEND / "src" / "parts" / "icons.ts"), re.MULTILINE))
    assert {row["icon"] for row in csv.DictReader(table.splitlines())} - drawn == set()


def test_the_lock_records_no_address():
    lock = text(FRONTEND / "package-lock.json")
    assert '"resolved"' not in lock
    assert "registry" not in lock


def test_the_page_is_light_beside_the_map_library(built):
    parts = [path for path in built.rglob("*") if path.suffix in {".js", ".css", ".html", ".svg"}]
    library = {path for path in parts if path.suffix == ".js" and "maplibre" in text(path)[:400_000].lower()}
    assert library, "the map library was not found among the built files"
    weight = sum(len(gzip.compress(path.read_bytes())) for path in parts if path not in library)
    assert weight < 500_000, f"{weight} bytes gzipped"


def test_the_built_page_names_no_outside_host_it_would_ask(built):
    entry = text(built / "index.html")
    assert re.findall(r"""(?:src|href)=["'](?:https?:)?//""", entry) == []
    styles = "".join(text(path) for path in built.rglob("*.css"))
    assert re.findall(r"url\(\s*[\"']?(?:https?:)?//", styles) == []


def brightness(colour):
    """Return the relative luminance of #rrggbb (WCAG 2.2)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(
    ("ink", "ground"),
    [
        *((ink, ground) for ink in ("text", "text-soft") for ground in ("page", "surface", "sunken", "past")),
        *(("accent", ground) for ground in ("surface", "accent-soft", "page")),
        ("text", "accent-soft"),
        ("on-accent", "accent"),
        ("ribbon-text", "ribbon"),
        ("ribbon-text", "past"),
        ("bad", "surface"),
        ("map-name", "map-area"),
    ],
)
def test_words_stand_out_from_their_ground(theme, ink, ground):
    light, dark = re.split(r':root\[data-theme="dark"\]', text(FRONTEND / "src" / "theme.css"))
    pattern = re.compile(r"^\s*--([\w-]+):\s*(#[0-9a-f]{6});", re.MULTILINE)
    colours = dict(pattern.findall(light)) | (dict(pattern.findall(dark)) if theme == "dark" else {})
    low, high = sorted((brightness(colours[ink]), brightness(colours[ground])))
    contrast = (high + 0.05) / (low + 0.05)
    assert contrast >= 4.5, f"{contrast:.2f}"
