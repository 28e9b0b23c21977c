"""No tracked lock file records an address, and no machine or registry host stands in the repository."""

import json
import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[1]
# The keys by which lock formats record where a file came from.
ADDRESSES = re.compile(r'"resolved"\s*:|\bregistry\s*=|^\s*url\s*=|--(?:extra-)?index-url|://', re.MULTILINE)


def tracked(*patterns):
    listed = subprocess.run(
        ["git", "ls-files", *patterns], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [ROOT / name for name in listed.stdout.split()]


def test_python_locks_hold_hashes_and_no_address():
    locks = tracked("requirements*.lock")
    assert len(locks) == 4
    for lock in locks:
        text = lock.read_text(encoding="utf-8")
        assert "--hash=sha256:" in text
        assert not ADDRESSES.search(text), lock.name


def test_the_page_lock_holds_integrity_and_no_resolved_address():
    packages = json.loads((ROOT / "frontend" / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    assert any("integrity" in entry for entry in packages.values())
    assert [name for name, entry in packages.items() if "resolved" in entry and not entry.get("link")] == []
    assert "omit-lockfile-registry-resolved=true" in (ROOT / "frontend" / ".npmrc").read_text(
        encoding="utf-8"
    )


def test_uv_and_pylock_files_stay_out():
    assert tracked("*uv.lock", "*pylock*.toml") == []


def test_no_path_of_a_machine_stands_in_a_tracked_file():
    homes = re.compile(r"(?<![\w.])/(?:work|root|home/[a-z]+)/[a-z]")
    broken = []
    for file in tracked():
        if file.suffix in {".lock", ".png"} or not file.is_file():
            continue
        for number, line in enumerate(file.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
            if homes.search(line) and file.name != Path(__file__).name:
                broken.append(f"{file.relative_to(ROOT)}:{number}: {line.strip()[:80]}")
    assert broken == []
