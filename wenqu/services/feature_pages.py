"""How does a person read OGC API Features in a browser? The same answers as pages, without outside files."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from wenqu.messages import say
from wenqu.network.schema import AssetType, Field, asset_type, code_lists
from wenqu.services.city_state import CityState
from wenqu.services.feature_drawing import drawn
from wenqu.services.feature_systems import CRS84

LANGUAGES = {"zh": "中文", "en": "English"}
SHOWN = 8  # columns of a table of features: those that are filled, in the order of the register
STYLE = """
:root { color-scheme: light dark; --line: #d3dade; --soft: #4d5b65; --accent: #0b5a8a; }
@media (prefers-color-scheme: dark) { :root { --line: #2c3840; --soft: #a3b1ba; --accent: #6bbcf0; } }
body { max-width: 1100px; margin: 0 auto; padding: 16px;
  font: 15px/1.55 "Noto Sans SC", "PingFang SC", "Microsoft YaHei", sans-serif; }
header, nav, footer { display: flex; flex-wrap: wrap; gap: 4px 16px; align-items: baseline; }
header { justify-content: space-between; border-bottom: 1px solid var(--line); padding-bottom: 8px; }
h1 { font-size: 1.4em; margin: 16px 0 4px; }
a { color: var(--accent); }
.soft { color: var(--soft); }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { padding: 4px 10px 4px 0; border-bottom: 1px solid var(--line); text-align: left;
  vertical-align: top; }
th { font-weight: 600; color: var(--soft); white-space: nowrap; }
.num { text-align: right; font-variant-numeric: tabular-nums; }
svg { width: 100%; max-height: 420px; margin: 12px 0; border: 1px solid var(--line); }
svg * { fill: none; stroke: var(--accent); vector-effect: non-scaling-stroke; stroke-width: 1.5; }
"""


def landing_page(made: Mapping[str, Any], state: CityState, base: str, language: str) -> str:
    """Return where the parts of a city's interface lie, as a page."""
    rows = [
        (f"{base}/collections", say("feature-page.collections", language)),
        (f"{base}/conformance", say("feature-page.conformance", language)),
        (_href(made, "service-desc"), say("feature-page.description", language)),
    ]
    parts = "".join(f"<li>{_link(href, name, language)}</li>" for href, name in rows)
    what = f"<p>{escape(say('feature-page.what', language))}</p>"
    body = f"{_ribbon(state, language)}{what}<ul>{parts}</ul>"
    return _page(_city(state, language), [], body, base, language)


def conformance_page(made: Mapping[str, Any], base: str, language: str) -> str:
    """Return to which parts of the standards the interface conforms, as a page."""
    rows = "".join(f"<li><code>{escape(one)}</code></li>" for one in made["conformsTo"])
    return _page(
        say("feature-page.conformance", language), [], f"<ul>{rows}</ul>", f"{base}/conformance", language
    )


def collections_page(made: Mapping[str, Any], state: CityState, base: str, language: str) -> str:
    """Return the collections of a city, as a page."""
    head = [say(f"feature-page.{name}", language) for name in ("collection", "count", "read")]
    rows = []
    for entry in made["collections"]:
        kind, here = asset_type(entry["id"]), f"{base}/collections/{entry['id']}"
        name = f"{_link(here, _name(kind, language), language)} <code class='soft'>{kind.name}</code>"
        count = f"{len(state.network.table(kind.name)):,}".replace(",", "\u2009")
        rows.append((name, count, _parts_of(here, language)))
    title, here = say("feature-page.collections", language), f"{base}/collections"
    return _page(
        title,
        [(base, _city(state, language))],
        _ribbon(state, language) + _table(head, rows, {1}),
        here,
        language,
    )


def collection_page(made: Mapping[str, Any], state: CityState, base: str, language: str) -> str:
    """Return what is known of one collection, as a page."""
    kind = asset_type(made["id"])
    here = f"{base}/collections/{kind.name}"
    (corners,) = made["extent"]["spatial"]["bbox"] if "extent" in made else ((),)
    box = ", ".join(f"{value:.5f}" for value in corners) or say("feature-page.nowhere", language)
    facts = [
        (say("feature-page.count", language), str(len(state.network.table(kind.name)))),
        (say("feature-page.box", language), escape(box)),
        (say("feature-page.systems", language), "<br>".join(escape(one) for one in made.get("crs", []))),
        (say("feature-page.read", language), _parts_of(here, language)),
    ]  # fmt: skip
    fields = [
        (f"<code>{escape(entry.name)}</code>", escape(getattr(entry, language)), escape(entry.unit))
        for entry in kind.fields
    ]
    head = [say(f"feature-page.{name}", language) for name in ("property", "meaning", "unit")]
    body = (
        _ribbon(state, language)
        + _table([], facts)
        + f"<h2>{escape(say('feature-page.queryables', language))}</h2>"
    )
    return _page(
        _name(kind, language), _way(state, base, language), body + _table(head, fields), here, language
    )


def items_page(made: Mapping[str, Any], state: CityState, name: str, base: str, language: str) -> str:
    """Return a page of features as a table with a drawing of where they lie."""
    kind, here = asset_type(name), f"{base}/collections/{name}"
    rows = made["features"]
    filled = {key for row in rows for key, value in row["properties"].items() if value is not None}
    fields = [entry for entry in kind.fields if entry.name in filled][:SHOWN]
    numbers = {at for at, entry in enumerate(fields, 1) if entry.kind in {"number", "integer"}}
    lines = [
        (_link(f"{here}/items/{row['id']}", str(row["id"]), language),
         *(_value(entry, row["properties"].get(entry.name), language) for entry in fields))
        for row in rows
    ]  # fmt: skip
    head = [say("feature-page.id", language), *(_heading(entry, language) for entry in fields)]
    turns = " · ".join(
        _link(_href(made, rel), say(f"feature-page.{rel}", language), language)
        for rel in ("prev", "next")
        if _href(made, rel)
    )
    told = say("feature-page.shown", language, shown=made["numberReturned"], all=made["numberMatched"])
    where = drawn([row["geometry"] for row in rows], say("feature-page.drawing", language))
    nav = f"<nav><span class='soft'>{escape(told)}</span><span>{turns}</span></nav>"
    own = _href(made, "self") or f"{here}/items"
    return _page(
        say("feature-page.items_of", language, kind=_name(kind, language)),
        [*_way(state, base, language), (here, _name(kind, language))],
        _ribbon(state, language) + nav + where + _table(head, lines, numbers) + (nav if turns else ""),
        own, language,
    )  # fmt: skip


def item_page(made: Mapping[str, Any], state: CityState, name: str, base: str, language: str) -> str:
    """Return one feature with every property that is filled."""
    kind, here = asset_type(name), f"{base}/collections/{name}"
    known = {entry.name: entry for entry in kind.fields}
    rows = []
    for key, value in made["properties"].items():
        if value is not None:
            entry = known.get(key)
            told = _value(entry, value, language) if entry else escape(str(value))
            rows.append((_heading(entry, language) if entry else escape(key), told))
    way = [
        *_way(state, base, language), (here, _name(kind, language)),
        (f"{here}/items", say("feature-page.items", language)),
    ]  # fmt: skip
    where = drawn([made["geometry"]], say("feature-page.drawing", language))
    where = _ribbon(state, language) + where
    return _page(str(made["id"]), way, where + _table([], rows), f"{here}/items/{made['id']}", language)


def _parts_of(here: str, language: str) -> str:
    parts = ("items", "queryables")
    return " · ".join(
        _link(f"{here}/{part}", say(f"feature-page.{part}", language), language) for part in parts
    )


def _ribbon(state: CityState, language: str) -> str:
    """Return the mark of a simulated city, which no page may lack."""
    simulated = state.network.city.simulated
    return f"<p><b>{escape(say('page.simulated', language))}</b></p>" if simulated else ""


def _city(state: CityState, language: str) -> str:
    city = state.network.city
    return getattr(city, language) or city.zh or city.en or city.code


def _name(kind: AssetType, language: str) -> str:
    return str(getattr(kind, language))


def _way(state: CityState, base: str, language: str) -> list[tuple[str, str]]:
    return [
        (base, _city(state, language)),
        (f"{base}/collections", say("feature-page.collections", language)),
    ]


def _href(made: Mapping[str, Any], rel: str) -> str:
    return next((str(one["href"]) for one in made.get("links", []) if one["rel"] == rel), "")


def _heading(entry: Field, language: str) -> str:
    unit = "" if entry.unit in {"", "-"} else f" <span class='soft'>{escape(entry.unit)}</span>"
    return escape(str(getattr(entry, language))) + unit


def _value(entry: Field, value: object, language: str) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return escape(say("register.yes" if value else "register.no", language))
    if entry.kind in {"code", "codes"} and entry.of:
        known = code_lists().get(entry.of[0], {})
        some = value if isinstance(value, list) else [value]
        return escape("; ".join(getattr(known[one], language) if one in known else str(one) for one in some))
    return escape(f"{value:.10g}" if isinstance(value, float) else str(value))


def as_page(href: str, language: str) -> str:
    """Return an address with the words that ask for it as a page in a language."""
    parts = urlsplit(href)
    kept = [(key, value) for key, value in parse_qsl(parts.query) if key not in {"f", "lang"}]
    return parts._replace(query=urlencode([*kept, ("f", "html"), ("lang", language)])).geturl()


def _link(href: str, name: str, language: str) -> str:
    plain = href.endswith(("/queryables", ".json"))
    return f'<a href="{escape(href if plain else as_page(href, language))}">{escape(name)}</a>'


def _table(head: Sequence[str], rows: Iterable[Sequence[str]], numbers: Iterable[int] = ()) -> str:
    right = set(numbers)

    def cells(row: Sequence[str], tag: str) -> str:
        return "".join(
            f"<{tag}{' class=num' if at in right else ''}>{cell}</{tag}>" for at, cell in enumerate(row)
        )

    top = f"<thead><tr>{cells(head, 'th')}</tr></thead>" if head else ""
    body = "".join(f"<tr>{cells(row, 'td')}</tr>" for row in rows)
    return f"<div class=wide><table>{top}<tbody>{body}</tbody></table></div>"


def _page(title: str, way: Sequence[tuple[str, str]], body: str, here: str, language: str) -> str:
    """Return a whole page; ``body`` is markup, everything else is escaped here."""
    steps = " › ".join(_link(href, name, language) for href, name in way)
    others = " ".join(
        f'<a href="{escape(as_page(here, code))}" hreflang={code} lang={code}>{name}</a>'
        for code, name in LANGUAGES.items()
        if code != language
    )
    json = as_page(here, language).replace("f=html", "f=json").replace(f"&lang={language}", "")
    foot = f'<a href="{escape(json)}">JSON</a> · OGC API Features · {escape(CRS84.rpartition("/")[2])}'
    spoken = {"zh": "zh-CN"}.get(language, language)
    return (
        f"<!doctype html><html lang={spoken}><head><meta charset=utf-8>"
        f'<meta name=viewport content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)} · Wenqu</title><style>{STYLE}</style></head><body>"
        f"<header><nav>{steps}</nav><nav>{others}</nav></header>"
        f"<main><h1>{escape(title)}</h1>{body}</main><footer class=soft>{foot}</footer></body></html>"
    )
