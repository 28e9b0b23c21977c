"""All checks and tests, with what they need installed first."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import install

# What a test needs that is no Python package: how to tell that it is there, and its Debian packages.
NEEDS = {
    "Chromium": (lambda: shutil.which("chromium") or shutil.which("chromium-browser"), ["chromium"]),
    "PostgreSQL with PostGIS": (
        lambda: (
            any(Path("/usr/share/postgresql").glob("*/extension/postgis.control"))
            and any(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"))
        ),
        ["postgresql", "postgis", "postgresql-postgis"],
    ),
    "mosquitto": (lambda: shutil.which("mosquitto") or Path("/usr/sbin/mosquitto").exists(), ["mosquitto"]),
    "Chinese font": (lambda: any(Path("/usr/share/fonts").rglob("NotoSansCJK*")), ["fonts-noto-cjk"]),
    "pdftotext": (lambda: shutil.which("pdftotext"), ["poppler-utils"]),
}


def system() -> list[str]:
    """Install what is missing where this account may; return the names of what is still missing."""
    missing = [name for name, (there, _) in NEEDS.items() if not there()]
    apt = shutil.which("apt-get")
    if missing and apt:
        may = [] if os.geteuid() == 0 else ["sudo", "-n"]
        if not may or subprocess.run([*may, "true"], capture_output=True, check=False).returncode == 0:
            packages = [package for name in missing for package in NEEDS[name][1]]
            with install.step(f"system packages: {', '.join(missing)}"):
                env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
                subprocess.run([*may, apt, "-q", "update"], capture_output=True, check=False, env=env)
                for package in packages:
                    subprocess.run(
                        [*may, apt, "install", "-q", "-y", "--no-install-recommends", package],
                        capture_output=True,
                        check=False,
                        env=env,
                    )
            missing = [name for name in missing if not NEEDS[name][0]()]
    return missing


def main() -> int:
    """Install, check, test."""
    install.environment(tests=True)
    install.page(check=True)
    install.fonts()
    missing = system()
    if missing:
        print(f"! Left out, missing and not to be installed here: tests of {', '.join(missing)}.")
        if os.environ.get("CI") == "true":
            install.stop("CI leaves nothing out.")
    failed = subprocess.run([sys.executable, "scripts/check.py"], cwd=install.ROOT, check=False).returncode
    kept = {name: value for name, value in os.environ.items() if not name.startswith("WENQU_")}
    workers = str(min(4, os.cpu_count() or 2))
    words = [
        str(install.BIN / "python"),
        "-m",
        "pytest",
        "-q",
        "-n",
        workers,
        "--dist",
        "loadfile",
        *sys.argv[1:],
    ]
    tested = subprocess.run(words, cwd=install.ROOT, env=kept, check=False).returncode
    return failed or tested


if __name__ == "__main__":
    sys.exit(main())
