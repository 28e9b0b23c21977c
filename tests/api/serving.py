"""A running service for programs that other people wrote, and GDAL as such a program."""

import json
import os
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager

import uvicorn

BOXED = "how |= {'bbox': tuple(how['bbox'])} if 'bbox' in how else {}"
READ = f"{BOXED}; print(pyogrio.read_dataframe(source, **how).to_json(drop_id=True))"


@contextmanager
def served(app):
    """Serve an interface on a free port of this machine and yield its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="error", ws="none"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(10)


def gdal(source, secret="", **how):
    """Return what GDAL reads, as GeoJSON; in a process of its own, since it holds this one while it waits."""
    code = f"import json, sys, pyogrio; source, how = json.load(sys.stdin); {READ}"
    words = [sys.executable, "-W", "ignore", "-c", code]
    around = {**os.environ, "GDAL_HTTP_AUTH": "BEARER", "GDAL_HTTP_BEARER": secret} if secret else None
    asked = json.dumps([source, how])
    done = subprocess.run(
        words, check=False, input=asked, capture_output=True, text=True, timeout=100, env=around
    )
    if done.returncode:
        raise OSError(done.stderr[-2000:])
    return json.loads(done.stdout)["features"]
