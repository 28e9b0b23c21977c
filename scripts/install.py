"""What has to be on this machine before anything runs: standard library only, safe to repeat."""

import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
NODE_FROM = 20


def stop(sentence: str) -> None:
    """End with one clear sentence."""
    print(f"\n✗ {sentence}", file=sys.stderr)
    raise SystemExit(1)


@contextmanager
def step(name: str, *, quiet: bool = False) -> Iterator[None]:
    """Say what is done and how long it took."""
    start = time.monotonic()
    if not quiet:
        print(f"→ {name} …", flush=True)
    yield
    if not quiet:
        print(f"  done in {time.monotonic() - start:.1f} s", flush=True)


def run(*command: str | Path, cwd: Path = ROOT, remedy: str = "", env: dict[str, str] | None = None) -> None:
    """Run a command; when it fails, show the end of what it said and stop."""
    made = subprocess.run(
        [str(part) for part in command], cwd=cwd, env=env, capture_output=True, text=True, check=False
    )
    if made.returncode:
        print("\n".join((made.stdout + made.stderr).splitlines()[-25:]), file=sys.stderr)
        stop(
            remedy
            or f"This failed: {' '.join(str(part) for part in command[:4])} … (its last words are above)."
        )


def fingerprint(*paths: Path, more: str = "") -> str:
    """Return one hash over files and folders, by content."""
    digest = hashlib.sha256(more.encode())
    for path in paths:
        files = sorted(entry for entry in path.rglob("*") if entry.is_file()) if path.is_dir() else [path]
        for file in files:
            digest.update(file.relative_to(ROOT).as_posix().encode())
            digest.update(file.read_bytes())
    return digest.hexdigest()


def is_made(stamp: Path, mark: str) -> bool:
    """Tell whether a stamp file holds this mark."""
    return stamp.is_file() and stamp.read_text(encoding="utf-8") == mark


def _make_venv() -> None:
    made = subprocess.run(
        [sys.executable, "-m", "venv", str(VENV)], capture_output=True, text=True, check=False
    )
    if made.returncode == 0:
        return
    shutil.rmtree(VENV, ignore_errors=True)
    tools = ROOT / ".venv-tools"  # a Python without ensurepip but with pip: let uv make the environment
    made = subprocess.run(
        [sys.executable, "-m", "pip", "install", "-q", "--target", str(tools), "uv"],
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode:
        stop("This Python can make no environment: install its venv module (Debian: python3-venv).")
    run(sys.executable, "-m", "uv", "venv", "--seed", VENV, env={**os.environ, "PYTHONPATH": str(tools)})
    shutil.rmtree(tools, ignore_errors=True)


def environment(*, tests: bool, quiet: bool = False) -> None:
    """Make ``.venv`` hold exactly what the lock file says, and Wenqu itself."""
    lock = ROOT / ("requirements-test.lock" if tests else "requirements.lock")
    wide = fingerprint(ROOT / "requirements-test.lock", ROOT / "pyproject.toml", more=sys.version)
    mark = fingerprint(lock, ROOT / "pyproject.toml", more=sys.version)
    stamp = VENV / "wenqu-stamp"
    if is_made(stamp, mark) or is_made(stamp, wide):
        return
    with step(f"Python environment in .venv from {lock.name}", quiet=quiet):
        if not (BIN / "python").exists() and not (BIN / "python.exe").exists():
            _make_venv()
        uv = shutil.which("uv", path=str(BIN))
        if uv is None:
            run(
                BIN / "python",
                "-m",
                "pip",
                "install",
                "-q",
                "uv",
                remedy="The package index cannot be reached.",
            )
        install = [BIN / "uv", "pip", "install", "-q", "--python", BIN / "python"]
        run(
            *install,
            "--require-hashes",
            "-r",
            lock,
            remedy="The packages of the lock file cannot be installed; see above.",
        )
        run(*install, "--no-deps", "--no-build-isolation", "-e", ".")
        stamp.write_text(mark, encoding="utf-8")


def peers() -> None:
    """Make ``.venv`` hold what only the benchmarks run beside Wenqu."""
    lock, stamp = ROOT / "requirements-bench.lock", VENV / "wenqu-bench-stamp"
    if is_made(stamp, fingerprint(lock)):
        return
    run(
        BIN / "uv", "pip", "install", "-q", "--python", BIN / "python", "--require-hashes", "-r", lock,
        remedy="The benchmarks' peers cannot be installed; see above.",
    )  # fmt: skip
    stamp.write_text(fingerprint(lock), encoding="utf-8")


def _node() -> tuple[str, dict[str, str]]:
    """Return npm and an environment in which Node is new enough; install the wheel if there is none."""
    for folder in (None, str(BIN)):
        node, npm = shutil.which("node", path=folder), shutil.which("npm", path=folder)
        if node and npm:
            said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
            if said.startswith("v") and int(said[1:].split(".")[0]) >= NODE_FROM:
                return npm, {**os.environ, "PATH": f"{Path(node).parent}{os.pathsep}{os.environ['PATH']}"}
    with step(f"Node (this machine has none from {NODE_FROM} on; it comes as a Python package)"):
        run(
            BIN / "uv",
            "pip",
            "install",
            "-q",
            "--python",
            BIN / "python",
            "--require-hashes",
            "-r",
            "requirements-node.lock",
        )
    return str(BIN / "npm"), {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}


def page(*, check: bool = False) -> None:
    """Build the page into ``wenqu/page``; with ``check`` also let the type checker read it."""
    frontend = ROOT / "frontend"
    sources = [
        entry
        for entry in sorted(frontend.iterdir())
        if entry.name not in {"node_modules", "dist", ".svelte-kit"}
    ]
    mark = fingerprint(*sources)
    stamp = ROOT / "wenqu" / "page" / "stamp.txt"
    modules = frontend / "node_modules" / "stamp.txt"
    modules_mark = fingerprint(frontend / "package-lock.json")
    built = is_made(stamp, mark)
    if built and not check:
        return
    npm, env = _node()
    if not is_made(modules, modules_mark):
        with step("packages of the page"):
            run(
                npm,
                "ci",
                "--no-audit",
                "--no-fund",
                cwd=frontend,
                env=env,
                remedy="The page's packages cannot be installed.",
            )
            modules.write_text(modules_mark, encoding="utf-8")
    if not built:
        with step("page"):
            run(npm, "run", "build", cwd=frontend, env=env)
            stamp.write_text(mark, encoding="utf-8")
    if check:
        with step("types of the page"):
            run(npm, "run", "check", cwd=frontend, env=env)


def fonts() -> None:
    """Cut the GB 2312 subset of Noto Sans SC that documents are set in."""
    script = ROOT / "scripts" / "build_fonts.py"
    made = sorted((ROOT / "wenqu" / "reports" / "fonts").glob("*.ttf"))
    if len(made) < 2:
        with step("Chinese font for documents"):
            run(BIN / "python", script)
