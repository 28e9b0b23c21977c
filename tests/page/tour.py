"""Take pictures of every screen and panel for a person to look at, and name what stands out as wrong.

    python tests/page/tour.py http://127.0.0.1:8765 pictures --account li --password … [--only map]

The service runs already, over an example city that was graded, diagnosed and planned. Each stop is taken in
both languages and themes, on a desk and on a phone.
"""

import argparse
import itertools
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

SIZES = {"desk": {"width": 1366, "height": 768}, "phone": {"width": 390, "height": 844}}
SETTLED = """() => {
    const at = document.getElementById('screen');
    return at && location.hash.includes('/' + at.dataset.screen)
        && !document.querySelector('[aria-busy=true]')
        && [...document.querySelectorAll('.map')].every(map => map.dataset.idle === 'true');
}"""
FAULTS = (Path(__file__).parent / "tour_faults.js").read_text(encoding="utf-8")
Act = Callable[[Any], None]


QUESTIONS = ("system", "grade", "extraneous", "problem", "plan_year")


def press(*selectors: str) -> Act:
    """Return the act of clicking one thing after the other."""

    def act(page: Any) -> None:
        for one in selectors:
            page.locator(one).first.click(timeout=5_000)
            page.wait_for_timeout(300)

    return act


def bulk(page: Any) -> None:
    """Preview the same material for every conduit that the filter finds."""
    press(".tools button[aria-expanded]")(page)
    page.locator(".bulk select").first.select_option("material")
    page.locator(".bulk .field select").select_option(index=2)
    press(".bulk > button")(page)
    page.wait_for_selector(".bulk .told", timeout=8_000)


def ring(page: Any) -> None:
    """Select what lies in the middle of the map."""
    box = page.locator(".map").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.keyboard.down("Shift")
    page.mouse.move(x - 80, y - 80)
    page.mouse.down()
    page.mouse.move(x + 80, y + 80, steps=4)
    page.mouse.up()
    page.keyboard.up("Shift")
    page.wait_for_selector(".selected table", timeout=8_000)


def menu(page: Any) -> None:
    """Ask the sign in the middle of the map."""
    box = page.locator(".map").bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, button="right")
    page.wait_for_selector(".menu", timeout=5_000)


def stops(ask: Callable[[str], Any]) -> list[tuple[str, str, Act | None]]:
    """Return the places to go: a name, an address within the city, and what is done there."""
    plants = ask("registers/plant")["ids"]
    measures = ask("plan")["measures"]
    conduit = measures[0]["asset"].split("|")[0] if measures else ask("registers/conduit")["ids"][0]
    meter = ask("diagnosis")["meters"][0]["id"]
    zone = next(iter(ask("summary")["districts"]), {"id": ""})["id"]
    line = ask(f"assets/conduit/{conduit}")["geometry"]["coordinates"]
    middle = [(line[0][axis] + line[1][axis]) / 2 for axis in (0, 1)]
    near = f"view={middle[0]:.6f}/{middle[1]:.6f}/"
    way = ask(f"network/plant?id={conduit}")
    problem = (ask("problems")["rows"] or [{"id": ""}])[0]["id"]
    project = (ask("projects")["rows"] or [{"id": ""}])[0]["id"]
    lot = (ask("schedule").get("lots") or [{"id": ""}])[0]["id"]
    order = (ask("orders")["rows"] or [{"id": ""}])[-1]["id"]
    look = (ask("inspections?text=YS")["rows"] or ask("inspections")["rows"] or [{"id": ""}])[0]["id"]
    end = (way["plant"] or {"id": plants[0]})["id"]
    return [
        ("cockpit", "cockpit", None),
        ("cockpit-from", "cockpit", press(".opener")),
        ("cockpit-past", "cockpit?date=2026-01-31", None),
        *((f"map-{by}", f"map?by={by}", None) for by in QUESTIONS),
        ("map-near", f"map?{near}17", None),
        ("map-card", f"map?asset=conduit/{conduit}&{near}16", None),
        ("map-trace", f"map?asset=plant/{plants[0]}&trace=up", None),
        ("map-district", f"map?district={zone}", None),
        ("map-menu", f"map?{near}18", menu),
        ("map-ring", f"map?{near}15", ring),
        ("map-print", "map", press(".tools button:nth-child(2)")),
        *((f"ask-{one}", f"map?ask={one}&start={conduit}", None) for one in ("sources", "plant", "shut")),
        ("ask-profile", f"map?ask=profile&start={conduit}&end={end}", None),
        ("survey-import", "survey?tab=import", None),
        ("survey-queue", "/survey?tab=queue", None),
        ("survey-queue-row", "/survey?tab=queue", press("article button.head")),
        ("survey-blank", "survey?tab=blank", None),
        ("survey-rules", "survey?tab=rules", None),
        ("survey-inspections", "survey?tab=inspections", None),
        ("survey-look", f"survey?tab=inspections&row=one/{look}", None),
        ("survey-differences", "survey?tab=inspections&row=differences", None),
        ("survey-cycles", "survey?tab=cycles", None),
        ("plan-rules", "plan?tab=rules", None),
        ("works-problems", "works?tab=problems", None),
        ("works-problem", f"works?tab=problems&row={problem}", None),
        ("works-projects", "works?tab=projects", None),
        ("works-project", f"works?tab=projects&row={project}", press("section button[aria-expanded]")),
        ("works-new", "works?tab=projects", press(".head button")),
        ("works-sheet", "works?tab=projects&row=proof/closed_water/T0001", None),
        ("works-money", "works?tab=money", None),
        ("works-contract", "works?tab=money&row=contract/SIM-C001", press("section button[aria-expanded]")),
        ("works-figures", "works?tab=figures&row=accepted", None),
        ("works-backward", "works?tab=backward", None),
        ("operation", "operation", None),
        ("operation-order", f"operation?row={order}", None),
        ("operation-issue", "operation", press(".head button")),
        ("diagnosis", "diagnosis", None),
        ("diagnosis-plant", f"diagnosis?asset=plant/{plants[0]}", None),
        ("diagnosis-meter", f"diagnosis?asset=meter/{meter}", None),
        ("plan", "plan", None),
        ("plan-choices", "plan?tab=choices", None),
        ("plan-schedule", "plan?tab=schedule", None),
        ("plan-schedule-crews", "plan?tab=schedule&group=crew&only=quarter", None),
        ("plan-schedule-lot", f"plan?tab=schedule&row={lot}", press(".slip form button")),
        ("street", "street", None),
        ("street-device", "street?tab=device", None),
        ("street-outbox", "street?tab=outbox", None),
        ("street-disputes", "street?tab=disputes", None),
        ("registers", "registers?tab=conduit", None),
        ("registers-form", f"registers?tab=conduit&row={conduit}", None),
        ("registers-files", f"registers?tab=conduit&row={conduit}", press("aside [role=tab]:nth-child(2)")),
        ("registers-history", f"registers?tab=conduit&row={conduit}", press("aside [role=tab]:nth-child(3)")),
        ("registers-new", "registers?tab=manhole&row=%2B", None),
        ("registers-group", "registers?tab=conduit&group=material&filter=system=sanitary&sort=-height", None),
        ("registers-columns", "registers?tab=conduit", press(".tools button[aria-expanded]:nth-of-type(3)")),
        ("registers-views", "registers?tab=conduit", press(".tools button[aria-expanded]:nth-of-type(4)")),
        ("registers-bulk", "registers?tab=conduit&filter=system=storm", bulk),
        ("registers-past", "registers?tab=conduit&date=2026-01-31", None),
        ("registers-none", "registers?tab=conduit&filter=id=no-such", None),
        ("registers-record", "registers?tab=inspection", None),
        ("documents", "documents", None),
        ("documents-register", "documents?tab=register", None),
        ("documents-opinions", "documents?tab=opinions", None),
        ("documents-plant", "documents?tab=papers", None),
        ("documents-month", "documents?tab=papers&row=month/2025-06", None),
        ("documents-tasks", "documents?tab=papers&row=tasks/", None),
        ("catalogue", "catalogue", None),
        ("settings", "settings", None),
    ]  # fmt: skip


def main() -> None:
    """Walk the tour."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("address")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--city", default="example")
    parser.add_argument("--census", default="census", help="a city with rows that wait")
    parser.add_argument("--account", default="")
    parser.add_argument("--password", default="")
    parser.add_argument("--only", default="")
    parser.add_argument("--looks", default="zh-light,en-light,zh-dark,en-dark")
    parser.add_argument("--sizes", default="desk,phone")
    given = parser.parse_args()
    from playwright.sync_api import Error, sync_playwright

    given.folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--no-first-run"]
        )
        context = browser.new_context(viewport=SIZES["desk"], locale="zh-CN")
        if given.account:
            told = {"name": given.account, "password": given.password}
            context.request.post(
                f"{given.address}/api/v1/sign-in", data=told, headers={"Origin": given.address}
            )
        page = context.new_page()
        said: list[str] = []
        page.on("console", lambda one: one.type == "error" and said.append(f"console: {one.text}"))
        page.on("pageerror", lambda fault: said.append(f"fault: {fault}"))

        def ask(path: str) -> Any:
            return context.request.get(f"{given.address}/api/v1/cities/{given.city}/{path}").json()

        wanted = [
            one
            for one in stops(ask)
            if not given.only or any(part in one[0] for part in given.only.split(","))
        ]
        found: dict[str, list[str]] = {}
        for (name, rest, act), size, look in itertools.product(
            wanted, given.sizes.split(","), given.looks.split(",")
        ):
            language, theme = look.split("-")
            page.set_viewport_size(SIZES[size])
            page.goto("about:blank")
            mark = "&" if "?" in rest else "?"
            where = f"{given.census}{rest}" if rest.startswith("/") else f"{given.city}/{rest}"
            page.goto(f"{given.address}/#/{where}{mark}lang={language}&theme={theme}")
            try:
                page.wait_for_selector("#screen", timeout=25_000)
                page.wait_for_timeout(150)
                page.wait_for_function(SETTLED, timeout=25_000)
                if act:
                    act(page)
                    page.wait_for_function(SETTLED, timeout=15_000)
            except Error as fault:
                said.append(str(fault).splitlines()[0])
            page.wait_for_timeout(120)
            page.screenshot(path=str(given.folder / f"{name}_{size}_{look}.png"))
            said += page.evaluate(FAULTS)
            if said:
                found[f"{name}_{size}_{look}"] = sorted(set(said))
            said.clear()
        browser.close()
    (given.folder / "faults.json").write_text(
        json.dumps(found, ensure_ascii=False, indent=1), encoding="utf-8"
    )


if __name__ == "__main__":
    main()
