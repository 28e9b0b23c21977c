"""Which types, fields, units, settings, methods and standards are there? Pages from the tables."""

import csv
import math
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import fields
from functools import cache
from pathlib import Path

from wenqu.diagnosis.cards import Card, cards
from wenqu.messages import say
from wenqu.network.schema import AssetType, Field, asset_types, code_lists
from wenqu.settings import PREFIX, Settings
from wenqu.units import quantities

HERE = Path(__file__).resolve().parent


@cache
def _words() -> dict[str, dict[str, dict[str, str]]]:
    return tomllib.loads((HERE / "docs.toml").read_text(encoding="utf-8"))


def word(group: str, key: str, language: str, otherwise: str = "") -> str:
    """Return a word of ``docs.toml``; another one, or the key itself, when it has none."""
    return _words().get(group, {}).get(key, {}).get(language, otherwise or key)


def table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> Iterator[str]:
    """Yield the lines of a Markdown table; columns without any content are left out."""
    cells = [[str(cell).replace("|", "\\|").replace("\n", " ") for cell in row] for row in rows]
    kept = [place for place in range(len(columns)) if any(row[place] for row in cells)]
    yield "| " + " | ".join(columns[place] for place in kept) + " |"
    yield "|" + "---|" * len(kept)
    for row in cells:
        yield "| " + " | ".join(row[place] for place in kept) + " |"
    yield ""


def rows_of(path: str) -> list[dict[str, str]]:
    """Return the rows of one of the package's tables."""
    text = (HERE.parent / "wenqu" / path).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def titled(language: str, zh: str, en: str) -> str:
    """Return the words of the language."""
    return zh if language == "zh" else en


def assets(language: str) -> Iterator[str]:
    """Yield the page of asset types, fields and code lists."""
    yield titled(language, "# 资产类型与字段", "# Asset types and fields")
    yield ""
    yield word("intro", "assets", language)
    yield ""
    yield from table(
        titled(language, "类型,代码,图形,环节", "type,code,shape,part of the chain").split(","),
        [
            [
                f"[{getattr(kind, language)}](#{_anchor(kind, language)})",
                f"`{kind.name}`",
                word("geometry", kind.geometry, language),
                word("chain", kind.chain, language),
            ]
            for kind in asset_types().values()
        ],
    )
    for kind in asset_types().values():
        yield f"## {getattr(kind, language)} `{kind.name}`"
        yield ""
        yield from table(
            titled(
                language,
                "字段,名称,类型,单位,默认,必填,来源",
                "field,meaning,type,unit,default,required,source",
            ).split(","),
            [_field(entry, language) for entry in kind.fields],
        )
    yield titled(language, "# 代码表", "# Code lists")
    yield ""
    for name, codes in code_lists().items():
        yield f"## `{name}`"
        yield ""
        yield from table(
            titled(language, "代码,名称,来源", "code,meaning,source").split(","),
            [
                [f"`{code.code}`", getattr(code, language), _source(code.source, language)]
                for code in codes.values()
            ],
        )


def _anchor(kind: AssetType, language: str) -> str:
    return f"{getattr(kind, language)} {kind.name}".lower().replace(" ", "-")


def _field(entry: Field, language: str) -> list[object]:
    of = ", ".join(f"`{name}`" for name in entry.of)
    return [
        f"`{entry.name}`",
        getattr(entry, language),
        f"{word('kind', entry.kind, language)} {of}".strip(),
        entry.unit,
        entry.default,
        titled(language, "是", "yes") if entry.required else "",
        _source(entry.source, language),
    ]


def _source(text: str, language: str) -> str:
    return text.replace("mission ", titled(language, "任务 ", "duty "))


def units(language: str) -> Iterator[str]:
    """Yield the page of quantities and their units."""
    yield titled(language, "# 监测量与单位", "# Quantities and units")
    yield ""
    yield word("intro", "units", language)
    yield ""
    yield from table(
        titled(
            language,
            "量,代码,SI,边界单位,可信范围（SI）",
            "quantity,code,SI,border unit,believable range (SI)",
        ).split(","),
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
    yield titled(language, "# 设置（环境变量）", "# Settings (environment)")
    yield ""
    yield word("intro", "settings", language)
    yield ""
    yield from table(
        titled(language, "变量,默认,说明", "variable,default,meaning").split(","),
        [
            [
                f"`{PREFIX}{entry.name.upper()}`",
                f"`{entry.default}`" if str(entry.default) else titled(language, "（空）", "(empty)"),
                say(f"setting.{entry.name}", language),
            ]
            for entry in fields(Settings)
        ],
    )


def methods(language: str) -> Iterator[str]:
    """Yield the page of diagnosis methods, from their cards."""
    yield titled(language, "# 诊断方法", "# Methods of diagnosis")
    yield ""
    yield word("intro", "methods", language)
    yield ""
    for name, card in cards().items():
        yield f"## {getattr(card, language)} `{name}`"
        yield ""
        yield from _card(card, language)
        yield ""


def _card(card: Card, language: str) -> Iterator[str]:
    between = titled(language, "：", ": ")
    gives = ", ".join(f"`{key}` [{unit}]" for key, unit in card.gives.items())
    told = {
        ("问题", "Asks"): getattr(card, f"asks_{language}"),
        ("适用与局限", "When to trust it"): getattr(card, f"trust_{language}"),
        ("公式", "Formula"): f"`{card.formula}`",
        ("需要", "Needs"): ", ".join(f"`{need}`" for need in card.needs),
        ("用到", "Uses"): ", ".join(f"`{used}`" for used in card.uses),
        ("给出", "Gives"): gives,
        ("来源", "Source"): card.source,
        ("程序", "Program"): f"`{card.function}`",
    }
    for label, text in told.items():
        if text:
            yield f"- **{titled(language, *label)}**{between}{text}"


def _schedule(language: str) -> Iterator[str]:
    """Yield milestones, seasons and steps: what a backward schedule is counted by."""
    yield titled(language, "## 工作方案节点", "## Milestones of the programme")
    yield ""
    yield from table(
        titled(language, "期限,要求,目标,出处,能否核验", "by,asked,target,source,verifiable").split(","),
        [
            [
                row["date"],
                row[language],
                f"{float(row['target']):.0%}" if row["target"] else "–",
                row["source"],
                row["status"],
            ]
            for row in rows_of("supervision/milestones.csv")
        ],
    )
    yield titled(language, "## 倒排工期的假定", "## Assumptions of the backward schedule")
    yield ""
    yield from table(
        titled(language, "工作,项目,取值,依据,核实程度", "work,what,value,source,known by").split(","),
        [
            [row["work"], row[language], f"{row['begins']} – {row['ends']}: {float(row['share']):.0%}",
             row["source"], row["status"]]
            for row in rows_of("supervision/seasons.csv")
        ]
        + [
            [row["work"], row[language], f"{row['days']} d", row["source"], row["status"]]
            for row in rows_of("supervision/steps.csv")
        ],
    )  # fmt: skip


def standards(language: str) -> Iterator[str]:
    """Yield the page of standards, targets and repair methods with how well each number is known."""
    yield titled(language, "# 标准、目标与工法", "# Standards, targets and repair methods")
    yield ""
    yield word("intro", "standards", language)
    yield ""
    yield titled(language, "## 标准", "## Standards")
    yield ""
    yield from table(
        titled(language, "标准,名称,版本,核实程度,备注", "standard,title,edition,known by,note").split(","),
        [
            [row["code"], row[f"title_{language}"], row["edition"], row["status"], row["note"]]
            for row in rows_of("standards/catalogue.csv")
        ],
    )
    yield titled(language, "## 专项目标", "## Targets of the programme")
    yield ""
    yield from table(
        titled(
            language, "目标,要求,期限,公式,依据,核实程度", "target,asked,by,formula,source,known by"
        ).split(","),
        [
            [
                row[language],
                f"{row['operator'].replace('>=', '≥')} {float(row['target']):.0%}",
                row["date"],
                row[f"formula_{language}"],
                row["edition"],
                row["status"],
            ]
            for row in rows_of("supervision/targets.csv")
        ],
    )
    yield from _schedule(language)
    yield titled(language, "## 工法与单价（缺省表）", "## Repair methods and prices (default table)")
    yield ""
    yield word("intro", "prices", language)
    yield ""
    yield from table(
        titled(
            language,
            "代码,工法,管径（m）,单价（元）,进场费（元）,可及水量,效果,占道（天，车道）,寿命（年）,核实程度",
            "code,method,diameter (m),unit price (yuan),mobilisation (yuan),within reach,effect,"
            "road (d a unit + d; lanes),life (a),known by",
        ).split(","),
        [
            [
                f"`{row['method']}`",
                row[language],
                _span(row["min_diameter"], row["max_diameter"]),
                _price(row),
                f"{float(row['mobilisation']):g}",
                f"{float(row['scope']):.0%}",
                f"Beta({row['effect_a']}, {row['effect_b']})",
                _road(row),
                row["life"],
                row["status"],
            ]
            for row in rows_of("planning/catalogue.csv")
        ],
    )
    yield titled(language, "## 规划所依据的假定（缺省值）", "## Assumptions of the plan (defaults)")
    yield ""
    yield from table(
        titled(
            language, "名称,含义,值,单位,可取,核实程度", "name,meaning,value,unit,may be,known by"
        ).split(","),
        [
            [
                f"`{row['name']}`", row[language], row["value"], row["unit"], f"{row['low']}–{row['high']}",
                row["status"],
            ]
            for row in rows_of("planning/assumptions.csv")
        ],
    )  # fmt: skip


def _span(low: str, high: str) -> str:
    if not low and not high:
        return ""
    return f"≥ {low}" if not high else f"≤ {high}" if not low else f"{low}–{high}"


def _road(row: dict[str, str]) -> str:
    lanes = int(row["lanes"] or 0)
    return f"{row['closure_days']} + {row['closure_fixed']}; {lanes}" if lanes else ""


def _price(row: dict[str, str]) -> str:
    base, slope, deep = (float(row[name] or math.nan) for name in ("price_a", "price_b", "price_depth"))
    parts = [f"{base:g}"] if base else []
    parts += [f"{slope:g}·D"] if slope else []
    parts += [f"{deep:g}·(h − 3)"] if deep > 0 else []
    return f"{' + '.join(parts)} / {row['price_per']}"
