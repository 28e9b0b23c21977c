"""A PostgreSQL server of our own for the benchmarks that compare with PostGIS."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def postgres(server: str = "") -> Iterator[str]:
    """Start a server on a free port, with lines of configuration, and give the address of its database."""
    found = shutil.which("pg_ctl")
    folders = [Path(found).resolve().parent] if found else []
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    programs = next(folder for folder in folders if (folder / "initdb").exists())
    folder = Path(tempfile.mkdtemp(prefix="wenqu-bench-postgres-"))
    lower = []
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        shutil.chown(folder, "postgres", "postgres")
        lower = ["runuser", "-u", "postgres", "--"]
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    def run(program: str, *arguments: object) -> None:
        command = [*lower, str(programs / program), *map(str, arguments)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, timeout=120, cwd="/")

    data = folder / "data"
    run("initdb", "-D", data, "-U", "wenqu", "-A", "trust", "-E", "UTF8", "--locale=C")
    (data / "postgresql.auto.conf").write_text(server, encoding="utf-8")
    options = f"-p {port} -c listen_addresses=127.0.0.1 -k {folder}"
    run("pg_ctl", "-D", data, "-l", folder / "log", "-w", "-o", options, "start")
    try:
        yield f"postgresql://wenqu@127.0.0.1:{port}/postgres"
    finally:
        run("pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
        shutil.rmtree(folder, ignore_errors=True)
