"""Long work runs beside the service, says how far it is, and can be called off."""

import time
from pathlib import Path

import pytest

from wenqu.errors import BadInput, Refused, Unknown
from wenqu.services.jobs import Jobs

HERE = __name__


def adds(given, progress):
    progress(0.5)
    return {"sum": given["one"] + given["other"]}


def refuses(given, progress):
    raise BadInput("format", path="x.doc", known=".shp")


def breaks(given, progress):
    raise ZeroDivisionError


def sleeps(given, progress):
    Path(given["began"]).touch()
    progress(0.25)
    time.sleep(60)
    return {}


@pytest.fixture
def jobs(tmp_path):
    made = Jobs(tmp_path / "jobs")
    yield made
    made.close()


def ended(jobs, job, patience=60):
    end = time.monotonic() + patience
    while jobs.job(job.id).state == "running" and time.monotonic() < end:
        time.sleep(0.02)
    return jobs.job(job.id)


def begin(jobs, work, given, subject=""):
    return jobs.start(
        f"{HERE}:{work}", given, kind="check", city="demo", who="w", about="x.gpkg", subject=subject
    )


def awaited(path):
    end = time.monotonic() + 60
    while not path.exists() and time.monotonic() < end:
        time.sleep(0.02)
    assert path.exists()


def test_a_job_gives_its_result_and_is_remembered(jobs, tmp_path):
    done = ended(jobs, begin(jobs, "adds", {"one": 1, "other": 2}))
    assert (done.state, done.result, done.share) == ("done", {"sum": 3}, 1.0)
    assert Jobs(tmp_path / "jobs").job(done.id).result == {"sum": 3}


def test_a_job_that_fails_says_why(jobs):
    failed = ended(jobs, begin(jobs, "refuses", {}))
    assert (failed.state, failed.error) == ("failed", "error.bad-input.format")
    assert failed.facts == {"path": "x.doc", "known": ".shp"}
    assert ended(jobs, begin(jobs, "breaks", {})).error == "error.unexpected"


def test_a_job_is_called_off_and_says_so(jobs, tmp_path):
    job = begin(jobs, "sleeps", {"began": str(tmp_path / "began")})
    awaited(tmp_path / "began")
    assert jobs.cancel(job.id).state == "cancelled"
    assert ended(jobs, job).state == "cancelled"


def test_work_on_one_subject_is_done_once_at_a_time(jobs, tmp_path):
    begin(jobs, "sleeps", {"began": str(tmp_path / "began")}, subject="d1")
    with pytest.raises(Refused):
        begin(jobs, "adds", {"one": 1, "other": 2}, subject="d1")


def test_what_ran_when_the_service_ended_is_interrupted(jobs, tmp_path):
    job = begin(jobs, "sleeps", {"began": str(tmp_path / "began")})
    assert Jobs(tmp_path / "jobs").job(job.id).state == "interrupted"


def test_an_unknown_job_is_named(jobs):
    with pytest.raises(Unknown):
        jobs.job("nothing")
