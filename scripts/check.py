"""Lint, format, types; and a question about what has grown long."""

import subprocess
import sys

import install

LONG_FILE = 300


def main() -> int:
    """Run every check; return how many failed."""
    install.environment(tests=True)
    failed = 0
    for name, words in {
        "lint": ["ruff", "check", "."],
        "format": ["ruff", "format", "--check", "."],
        "types": ["mypy"],
    }.items():
        with install.step(name):
            failed += (
                subprocess.run(
                    [str(install.BIN / words[0]), *words[1:]], cwd=install.ROOT, check=False
                ).returncode
                != 0
            )
    tracked = subprocess.run(
        ["git", "ls-files", "*.py", "*.ts", "*.svelte"],
        cwd=install.ROOT,
        capture_output=True,
        text=True,
        check=False,
    ).stdout.split()
    for name in tracked:
        path = install.ROOT / name
        lines = len(path.read_text(encoding="utf-8").splitlines()) if path.is_file() else 0
        if lines > LONG_FILE:
            print(f"  {name}: {lines} lines. Is this two questions?")
    return failed


if __name__ == "__main__":
    sys.exit(main())
