"""From a bare checkout to an answered city: install, then the loop, command by command."""

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import install

# What a whole loop leaves; if one of these is gone it is made again.
LEFT = ("store", "truth")


class Done:
    """Which steps ended well under this very program; a step counts only if all before it do."""

    def __init__(self, file: Path) -> None:
        """Read what an earlier run wrote."""
        self.file = file
        self.mark = install.fingerprint(install.ROOT / "requirements.lock", *program())
        told = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
        whole = told.get("mark") == self.mark and all((file.parent / name).exists() for name in LEFT)
        self.steps: list[list[str]] = told.get("steps", []) if whole else []
        self.run: list[list[str]] = []

    def before(self, words: list[str]) -> bool:
        """Tell whether this step and all before it were done; count it if so."""
        known = self.steps[: len(self.run) + 1] == [*self.run, words]
        if words[0] == "report":
            known = known and len(list(self.file.parent.glob("*-report.*.pdf"))) == 2
        if known:
            self.run.append(words)
        return known

    def now(self, words: list[str]) -> None:
        """Remember a step that has just ended well, and forget those after it."""
        self.run.append(words)
        self.steps = list(self.run)
        self.file.write_text(json.dumps({"mark": self.mark, "steps": self.run}), encoding="utf-8")


LEVELS = ("--probability", "0.5", "--probability", "0.7", "--probability", "0.8")  # few: each is solved anew


def program() -> list[Path]:
    """Return the files that decide what the loop makes."""
    return sorted(
        file
        for kind in ("*.py", "*.csv", "*.toml", "*.typ")
        for file in (install.ROOT / "wenqu").rglob(kind)
        if "page" not in file.parts
    )


def main() -> None:
    """Run the demo."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--no-serve", action="store_true", help="stop after the loop")
    parser.add_argument("--conduits", type=int, default=6000, help="size of the example city")
    parser.add_argument("--port", type=int, default=8765, help="port of the page")
    asked = parser.parse_args()
    start = time.monotonic()
    install.environment(tests=False)
    install.page()
    install.fonts()
    folder = install.ROOT / "demo"
    folder.mkdir(exist_ok=True)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("WENQU_")}
    env = {**kept, "WENQU_STORE": "demo/store", "WENQU_PORT": str(asked.port)}
    if "WENQU_LANGUAGE" in os.environ:
        env["WENQU_LANGUAGE"] = os.environ["WENQU_LANGUAGE"]
    loop = [
        ["example", "--city", "example", "--conduits", str(asked.conduits), "--truth", "demo/truth"],
        ["summary", "--city", "example"],
        ["check", "--city", "example"],
        ["grade", "--city", "example"],
        ["diagnose", "--city", "example"],
        ["rainfall-response", "--city", "example"],
        ["months", "--city", "example"],
        ["place-meters", "--city", "example"],
        ["problems", "find", "--city", "example"],
        ["plan", "--city", "example"],
        ["plan-choices", "--city", "example", *LEVELS, "--later", "0", "--share", "0", "--knowing", "0"],
        ["example-loop", "--city", "example"],
        ["report", "--city", "example", "--folder", "demo"],
    ]
    wenqu = str(install.BIN / "wenqu")
    done = Done(folder / "done.json")
    for number, words in enumerate(loop, 1):
        print(f"\n[{number}/{len(loop)}] wenqu {' '.join(words)}", flush=True)
        if done.before(words):
            print("      done before, nothing has changed since", flush=True)
            continue
        begun = time.monotonic()
        made = subprocess.run([wenqu, *words], cwd=install.ROOT, env=env, check=False)
        if made.returncode:
            install.stop(f"wenqu {words[0]} ended with {made.returncode}; what it said stands above.")
        done.now(words)
        print(f"      {time.monotonic() - begun:.1f} s", flush=True)
    print(f"\n✓ {time.monotonic() - start:.0f} s. Left in demo/:")
    for file in sorted(folder.iterdir()):
        print(f"  demo/{file.name}{'/' if file.is_dir() else ''}")
    print(
        f"\nThe page: http://127.0.0.1:{asked.port}/  (WENQU_STORE=demo/store .venv/bin/wenqu serve)",
        flush=True,
    )
    if not asked.no_serve:
        sys.exit(subprocess.run([wenqu, "serve"], cwd=install.ROOT, env=env, check=False).returncode)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
