"""Write the reference pages of the manual from the tables that the program itself reads."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from docs_faces import commands, routes
from docs_rules import rule_picture, rules_page
from docs_sentences import checks, errors
from docs_tables import assets, methods, settings, standards, units

from wenqu.network.checks.telling import rule_table

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "docs" / "reference"
NOTE = {
    "zh": "本页由程序读取的表格生成（scripts/docs），请勿手工修改。",
    "en": "Made by scripts/docs from the tables that the program reads; do not edit by hand.",
}
PAGES: dict[str, Callable[[str], Iterator[str]]] = {
    "assets": assets,
    "units": units,
    "settings": settings,
    "checks": checks,
    "rules": rules_page,
    "errors": errors,
    "methods": methods,
    "standards": standards,
    "commands": commands,
    "routes": routes,
}


def written() -> Iterator[tuple[Path, str]]:
    """Yield every reference page and its text."""
    for language, note in NOTE.items():
        for name, write in PAGES.items():
            first, *lines = write(language)
            text = "\n".join([first, "", f"<!-- {note} -->", *lines]).rstrip() + "\n"
            yield FOLDER / language / f"{name}.md", text
    for code in rule_table():
        picture = rule_picture(code)
        if picture:
            yield FOLDER / "rules" / f"{code}.svg", picture


def stale() -> list[Path]:
    """Return the pages that are not as the tables have them, pages that nothing writes included."""
    pages = dict(written())
    old = [
        path for path, text in pages.items() if not path.is_file() or path.read_text(encoding="utf-8") != text
    ]
    return old + [path for path in sorted(FOLDER.rglob("*.md")) if path not in pages]


def main() -> int:
    """Write the pages, or with --check tell which are out of date."""
    if "--check" in sys.argv:
        old = stale()
        for path in old:
            print(f"out of date: {path.relative_to(ROOT)}")
        return 1 if old else 0
    for path, text in written():
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            print(f"written: {path.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
