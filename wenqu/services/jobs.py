"""Which long work is going on, how far is it, and how is it called off?

A job runs in a child process, so that the service stays responsive and calling it off is ending the
process: whatever it was writing is one transaction, which then did not happen. What is known of a job
lies in a file beside the archive and outlives the page and the service.
"""

import importlib
import logging
import multiprocessing
import os
import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, TypeAlias

import orjson

from wenqu.errors import Refused, Unknown, WenquError
from wenqu.progress import Progress
from wenqu.store.files import replace_file

RUNNING = "running"
KEPT = 200  # jobs that are remembered
STEP = 0.005  # share by which a job must go on before it is told
SAID = 2.0  # [s] how long an ended child is waited for

Told: TypeAlias = dict[str, Any]
Work: TypeAlias = Callable[[Told, Progress], Told]
ENDED = "error.unexpected"  # error of a job whose child said nothing at its end


@dataclass(frozen=True, slots=True)
class Job:
    """One piece of long work."""

    id: str
    kind: str  # sentence: job.<kind>
    city: str
    who: str
    about: str  # what it is done to, e.g. the names of the files
    began: str  # ISO time
    ended: str = ""
    state: str = RUNNING  # running, done, failed, cancelled, interrupted
    share: float = 0.0
    result: Mapping[str, Any] | None = None
    error: str = ""  # key of the error's sentence
    facts: Mapping[str, Any] | None = None  # of that sentence
    subject: str = ""  # id of what it works on, e.g. of a delivery


def _nothing(job: Job) -> Told | None:  # noqa: ARG001 - nothing is known of it
    return None


class Jobs:
    """The jobs of one running service. Safe to share between threads."""

    def __init__(self, folder: Path, happened: Callable[[Job], Told | None] = _nothing) -> None:
        """Read what is known; what ran when the service ended is said to be interrupted.

        ``happened`` returns the result of a job that was ended from outside and had done its work already.
        """
        self._folder = folder
        self._happened = happened
        self._lock = threading.Lock()
        self._children: dict[str, BaseProcess] = {}
        self._called_off: dict[str, str] = {}  # id: the state that it ends in
        self._jobs = {job.id: job for job in _read(folder)}
        for job in list(self._jobs.values()):
            if job.state == RUNNING:
                self._cut(job.id, "interrupted")

    def start(self, work: str, given: Told, **about: str) -> Job:
        """Start work in a child process.

        Parameters
        ----------
        work
            "module:function"; the function takes ``given`` and a progress, and returns plain values.
        given
            What it is told; plain values.
        about
            kind, city, who, about and subject of the job.

        Raises
        ------
        Refused
            Work on the same subject is going on already.
        """
        with self._lock:
            subject, city = about.get("subject", ""), about.get("city", "")
            same = (job for job in self._jobs.values() if (job.subject, job.city) == (subject, city))
            if subject and any(job.state == RUNNING for job in same):
                raise Refused("job-running", about=about.get("about", ""))
            job = Job(id=secrets.token_hex(6), began=_now(), **about)  # type: ignore[arg-type]
            self._keep(job)
        nursery = _nursery()
        ours, theirs = nursery.Pipe(duplex=False)
        child = nursery.Process(target=_run, args=(work, given, theirs), daemon=True)
        child.start()
        theirs.close()
        self._children[job.id] = child
        if job.id in self._called_off:  # before there was a child
            child.kill()
        threading.Thread(target=self._follow, args=(job.id, child, ours), daemon=True).start()
        return job

    def known(self, city: str = "") -> list[Job]:
        """Return the jobs of a city, or of all, newest first."""
        with self._lock:
            jobs = [job for job in self._jobs.values() if not city or job.city == city]
        return sorted(jobs, key=lambda job: job.began, reverse=True)

    def job(self, id_: str) -> Job:
        """Return one job.

        Raises
        ------
        Unknown
            There is none of that id.
        """
        found = self._jobs.get(id_)
        if found is None:
            raise Unknown("job", name=id_)
        return found

    def cancel(self, id_: str) -> Job:
        """Call a job off; one that has ended, or that was at its end, stays as it ended."""
        if self.job(id_).state == RUNNING:
            self._kill(id_, "cancelled")
        return self.job(id_)

    def close(self) -> None:
        """End every child; what they did is interrupted."""
        for id_, child in list(self._children.items()):
            if child.is_alive():
                self._kill(id_, "interrupted")

    def _kill(self, id_: str, state: str) -> None:
        """End a child, and say what became of its job when it is gone."""
        self._called_off[id_] = state
        child = self._children.get(id_)
        if child is not None:
            child.kill()
            child.join(SAID)
        self._cut(id_, state)

    def _follow(self, id_: str, child: BaseProcess, pipe: Connection) -> None:
        """Take down what a child tells, until it ends."""
        try:
            while True:
                kind, said = pipe.recv()
                if kind == "share":
                    self._change(id_, share=float(said))
                elif kind == "done":
                    self._ended(id_, "done", result=said, share=1.0)
                else:
                    self._ended(id_, "failed", error=said["error"], facts=said["facts"])
        except (EOFError, OSError):
            child.join(SAID)
            self._cut(id_, self._called_off.get(id_, "failed"))
        finally:
            self._children.pop(id_, None)

    def _cut(self, id_: str, state: str) -> None:
        """Say what became of a job whose child is gone and told of no end."""
        job = self._jobs[id_]
        done = self._happened(job) if job.state == RUNNING else None
        if done is not None:
            self._ended(id_, "done", result=done, share=1.0)
        elif state == "failed":
            self._ended(id_, state, error=ENDED, facts={"reference": f"job {id_}"})
        else:
            self._ended(id_, state)

    def _change(self, id_: str, **what: Any) -> bool:
        with self._lock:
            job = self._jobs[id_]
            if job.state != RUNNING:
                return False
            self._jobs[id_] = replace(job, **what)
            return True

    def _ended(self, id_: str, state: str, **what: Any) -> None:
        with self._lock:
            job = self._jobs[id_]
            if job.state == RUNNING:
                self._keep(replace(job, state=state, ended=_now(), **what))

    def _keep(self, job: Job) -> None:
        """Remember a job and then let it be seen: whoever sees an end may count on its being written."""
        replace_file(self._folder / f"{job.id}.json", orjson.dumps(asdict(job), default=str))
        self._jobs[job.id] = job


def _nursery() -> Any:
    """Return what makes children: where the system can, from a process that has read the code already."""
    ways = multiprocessing.get_all_start_methods()
    nursery: Any = multiprocessing.get_context("forkserver" if "forkserver" in ways else "spawn")
    if "forkserver" in ways:
        nursery.set_forkserver_preload(["wenqu.services.take_in"])
    return nursery


def _read(folder: Path) -> list[Job]:
    """Return the jobs that are remembered; the oldest beyond the limit are forgotten."""
    jobs = []
    for path in folder.glob("*.json"):
        try:
            jobs.append(Job(**orjson.loads(path.read_bytes())))
        except (ValueError, TypeError, OSError):  # of another Wenqu, or cut short: nothing depends on it
            path.unlink(missing_ok=True)
    jobs.sort(key=lambda job: job.began, reverse=True)
    for job in jobs[KEPT:]:
        (folder / f"{job.id}.json").unlink(missing_ok=True)
    return jobs[:KEPT]


def _now() -> str:
    return datetime.now().astimezone().isoformat(timespec="milliseconds")


def _end_with_service() -> None:
    """End this child when the service that wants its work is gone, whatever it is doing."""
    service = multiprocessing.parent_process()
    if service is not None:
        service.join()
        os._exit(1)  # as if it had been killed too: nobody would learn what it did


def _run(work: str, given: Told, pipe: Connection) -> None:
    """Do the work in the child and tell of it; what nobody foresaw is one sentence too."""
    threading.Thread(target=_end_with_service, daemon=True).start()
    last = 0.0

    def progress(share: float) -> None:
        nonlocal last
        if share - last >= STEP:
            last = share
            pipe.send(("share", share))

    try:
        module, _, name = work.partition(":")
        done: Work = getattr(importlib.import_module(module), name)
        pipe.send(("done", done(given, progress)))
    except WenquError as error:
        facts = {
            name: value if isinstance(value, int | float) else str(value)
            for name, value in error.facts.items()
        }
        pipe.send(("failed", {"error": error.key, "facts": facts}))
    except BrokenPipeError:  # the service has gone
        pass
    except Exception:  # the outer wall of a job
        reference = secrets.token_hex(4)
        logging.getLogger("wenqu").exception("unforeseen %s in %s", reference, work)
        pipe.send(("failed", {"error": ENDED, "facts": {"reference": reference}}))
