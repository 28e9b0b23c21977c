"""From a bare checkout to an answered city: install, then the loop, command by command."""

import argparse
import os
import subprocess
import sys
import time

import install


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
        ["plan", "--city", "example"],
        ["report", "--city", "example", "--folder", "demo"],
    ]
    wenqu = str(install.BIN / "wenqu")
    for number, words in enumerate(loop, 1):
        print(f"\n[{number}/{len(loop)}] wenqu {' '.join(words)}", flush=True)
        begun = time.monotonic()
        made = subprocess.run([wenqu, *words], cwd=install.ROOT, env=env, check=False)
        if made.returncode:
            install.stop(f"wenqu {words[0]} ended with {made.returncode}; what it said stands above.")
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
