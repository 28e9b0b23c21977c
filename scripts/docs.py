"""Write the reference pages of the manual from the tables that the program itself reads."""

import csv
import sys
from collections.abc import Callable, Iterator
from dataclasses import fields
from pathlib import Path

from wenqu.errors import WenquError
from wenqu.messages import say, sentences
from wenqu.network.schema import asset_types, code_lists
from wenqu.settings import PREFIX, Settings
from wenqu.units import quantities

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "docs" / "reference"
Writer = Callable[[str], Iterator[str]]


def table(columns: list[str], rows: list[list[object]]) -> Iterator[str]:
    """Yield the lines of a Markdown table."""
    yield "| " + " | ".join(columns) + " |"
    yield "|" + "---|" * len(columns)
    for row in rows:
        yield "| " + " | ".join(str(cell).replace("|", "\\|").replace("\n", " ") for cell in row) + " |"
    yield ""


def rows_of(path: str) -> list[dict[str, str]]:
    """Return the rows of one of the package's tables."""
    return list(csv.DictReader((ROOT / "wenqu" / path).read_text(encoding="utf-8").splitlines()))


def assets(language: str) -> Iterator[str]:
    """Yield the page of asset types, fields and code lists."""
    zh = language == "zh"
    yield "# 资产类型与字段" if zh else "# Asset types and fields"
    yield ""
    for kind in asset_types().values():
        yield f"## {getattr(kind, language)} `{kind.name}`"
        yield ""
        yield (
            ("几何：" if zh else "Geometry: ")
            + kind.geometry
            + ("；环节：" if zh else "; part of the chain: ")
            + kind.chain
        )
        yield ""
        names = ["字段", "名称", "类型", "单位", "默认", "必填", "来源"]
        english = ["field", "meaning", "type", "unit", "default", "required", "source"]
        rows: list[list[object]] = [
            [
                f"`{entry.name}`",
                getattr(entry, language),
                entry.kind + (f": {', '.join(entry.of)}" if entry.of else ""),
                entry.unit,
                entry.default,
                ("是" if zh else "yes") if entry.required else "",
                entry.source,
            ]
            for entry in kind.fields
        ]
        yield from table(names if zh else english, rows)
    yield "# 代码表" if zh else "# Code lists"
    yield ""
    for name, codes in code_lists().items():
        yield f"## `{name}`"
        yield ""
        yield from table(
            ["代码", "名称", "来源"] if zh else ["code", "meaning", "source"],
            [[f"`{code.code}`", getattr(code, language), code.source] for code in codes.values()],
        )


def units(language: str) -> Iterator[str]:
    """Yield the page of quantities and their units."""
    zh = language == "zh"
    yield "# 监测量与单位" if zh else "# Quantities and units"
    yield ""
    yield (
        "内部一律用 SI，在边界换算。" if zh else "Inside everything is SI; conversion happens at the border."
    )
    yield ""
    yield from table(
        ["量", "代码", "SI", "边界单位", "可信范围（SI）"]
        if zh
        else ["quantity", "code", "SI", "border unit", "believable range (SI)"],
        [
            [
                getattr(entry, language),
                f"`{entry.name}`",
                entry.unit,
                entry.border_unit,
                f"{entry.lowest:g} – {entry.highest:g}",
            ]
            for entry in quantities().values()
        ],
    )


def settings(language: str) -> Iterator[str]:
    """Yield the page of settings."""
    zh = language == "zh"
    yield "# 设置（环境变量）" if zh else "# Settings (environment)"
    yield ""
    yield from table(
        ["变量", "默认", "说明"] if zh else ["variable", "default", "meaning"],
        [
            [f"`{PREFIX}{entry.name.upper()}`", f"`{entry.default}`", say(f"setting.{entry.name}", language)]
            for entry in fields(Settings)
        ],
    )


def checks(language: str) -> Iterator[str]:
    """Yield the page of rules: what each says and what to do."""
    zh = language == "zh"
    yield "# 检查规则" if zh else "# Rules of the checks"
    yield ""
    keys = sentences(language)
    codes = sorted(
        key.removeprefix("issue.").removesuffix(".says")
        for key in keys
        if key.startswith("issue.") and key.endswith(".says")
    )
    yield from table(
        ["规则", "说明", "处理办法"] if zh else ["rule", "says", "remedy"],
        [[f"`{code}`", keys[f"issue.{code}.says"], keys.get(f"issue.{code}.remedy", "")] for code in codes],
    )


def errors(language: str) -> Iterator[str]:
    """Yield the page of errors."""
    zh = language == "zh"
    yield "# 错误" if zh else "# Errors"
    yield ""
    keys = sentences(language)
    yield from table(
        ["代码", "说明"] if zh else ["code", "sentence"],
        [[f"`{key}`", keys[key]] for key in sorted(keys) if key.startswith("error.")],
    )
    names = ", ".join(f"`{kind.__name__}`" for kind in (WenquError, *WenquError.__subclasses__()))
    yield ("错误类：" if zh else "Classes: ") + names
    yield ""


def methods(language: str) -> Iterator[str]:
    """Yield the page of diagnosis methods, from their cards."""
    from wenqu.diagnosis.cards import cards

    zh = language == "zh"
    yield "# 诊断方法" if zh else "# Methods of diagnosis"
    yield ""
    for name, card in cards().items():
        yield f"## {getattr(card, language)} `{name}`"
        yield ""
        labels = (
            ("问题", "适用与局限", "公式", "来源")
            if zh
            else ("Asks", "When to trust it", "Formula", "Source")
        )
        asked, trust = getattr(card, f"asks_{language}"), getattr(card, f"trust_{language}")
        for label, text in zip(labels, (asked, trust, f"`{card.formula}`", card.source), strict=True):
            yield f"- **{label}**{'：' if zh else ': '}{text}"
        yield f"- **{'需要' if zh else 'Needs'}**{'：' if zh else ': '}{', '.join(card.needs)}"
        yield f"- **{'给出' if zh else 'Gives'}**{'：' if zh else ': '}{', '.join(f'{key} [{unit}]' for key, unit in card.gives.items())}"
        yield ""


def standards(language: str) -> Iterator[str]:
    """Yield the page of standards, targets and repair methods with how well each number is known."""
    zh = language == "zh"
    yield "# 标准、目标与工法" if zh else "# Standards, targets and repair methods"
    yield ""
    yield from table(
        ["标准", "名称", "版本", "核实程度", "备注"]
        if zh
        else ["standard", "title", "edition", "known by", "note"],
        [
            [row["code"], row[f"title_{language}"], row["edition"], row["status"], row["note"]]
            for row in rows_of("standards/catalogue.csv")
        ],
    )
    yield from table(
        ["目标", "要求", "期限", "依据", "核实程度"]
        if zh
        else ["target", "asked", "by", "source", "known by"],
        [
            [
                row[language],
                f"{row['operator']} {float(row['target']):.0%}",
                row["date"],
                row["edition"],
                row["status"],
            ]
            for row in rows_of("supervision/targets.csv")
        ],
    )
    yield from table(
        ["工法", "管径（m）", "单价 a + b·D（元）", "寿命（年）", "状态"]
        if zh
        else ["method", "diameter (m)", "price a + b·D (yuan)", "life (a)", "status"],
        [
            [
                row[language],
                f"{row['min_diameter']}–{row['max_diameter']}",
                f"{row['price_a']} + {row['price_b']}·D / {row['price_per']}",
                row["life"],
                row["status"],
            ]
            for row in rows_of("planning/catalogue.csv")
        ],
    )


PAGES: dict[str, Writer] = {
    "assets": assets, "units": units, "settings": settings, "checks": checks, "errors": errors,
    "methods": methods, "standards": standards,
}  # fmt: skip


def written() -> Iterator[tuple[Path, str]]:
    """Yield every reference page and its text."""
    for language in ("zh", "en"):
        note = (
            "本页由程序读取的表格生成（scripts/docs），请勿手工修改。"
            if language == "zh"
            else "Made by scripts/docs from the tables that the program reads; do not edit by hand."
        )
        for name, write in PAGES.items():
            lines = list(write(language))
            yield (
                FOLDER / language / f"{name}.md",
                "\n".join([lines[0], "", f"<!-- {note} -->", *lines[1:]]).rstrip() + "\n",
            )


def main() -> int:
    """Write the pages, or with --check tell which are out of date."""
    stale = 0
    for path, text in written():
        same = path.is_file() and path.read_text(encoding="utf-8") == text
        if "--check" in sys.argv:
            if not same:
                print(f"out of date: {path.relative_to(ROOT)}")
                stale += 1
        elif not same:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            print(f"written: {path.relative_to(ROOT)}")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
