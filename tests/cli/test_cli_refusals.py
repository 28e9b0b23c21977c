"""How the command line says no: one sentence, one exit code, in the user's language, never a traceback."""

import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request

import pytest

from wenqu.cli import evidence, loop, output, page, plans

COMMANDS = {**evidence.commands, **loop.commands, **page.commands, **plans.groups}
ON_A_CITY = {
    "summary": [],
    "check": [],
    "trace": ["M1"],
    "export": ["out.gpkg"],
    "grade": [],
    "diagnose": [],
    "plan": [],
    "report": [],
}


def outside(*words, folder, environment=None, **given):
    """Return a real process of the command line; it may keep its bytecode, which makes the next one quick."""
    left_out = ("WENQU_", "PYTHONDONTWRITEBYTECODE")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(left_out)}
    told = {f"WENQU_{name}": str(value) for name, value in given.items()}
    return subprocess.Popen(
        [sys.executable, "-m", "wenqu.cli.main", *words],
        cwd=folder,
        env=kept | told | (environment or {}),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        # a test run started in the background of a shell ignores interrupts, and its children would too
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - one thread here
    )


def test_every_command_is_there_and_explains_itself(wenqu):
    assert set(COMMANDS) == {
        "import", "summary", "check", "trace", "export", "example", "grade", "diagnose", "plan", "report",
        "serve", "example-loop",
    }  # fmt: skip
    said = wenqu("--help")
    assert said.code == 0
    for name in COMMANDS:
        assert re.search(rf"^\W*{name}\s", said.out, re.MULTILINE), name
        assert wenqu(name, "--help").code == 0


@pytest.mark.parametrize(
    "words",
    [[], ["nosuch"], ["summary"], ["summary", "--nosuch"], ["trace", "--city", "x"], ["import", "x.inp"],
     ["serve", "--port", "many"], ["serve", "--port", "65536"], ["example", "--conduits", "-5"]],
)  # fmt: skip
def test_a_misspelt_call_is_explained_with_exit_code_2(wenqu, words):
    said = wenqu(*words)
    assert said.code == 2
    assert "Usage:" in said.out + said.err


@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_command_knows_a_city_that_is_not_there(wenqu, little, language):
    for name, more in ON_A_CITY.items():
        said = wenqu(name, *more, "--city", "nowhere", "--json", store=little, language=language)
        assert said.code == 2, name
        assert said.out == "", name
        assert "nowhere" in said.err
        assert "little" in said.err, "the known cities are named"


def test_an_empty_store_tells_how_to_begin(wenqu):
    said = wenqu("summary", "--city", "x")
    assert said.code == 2
    assert "wenqu import" in said.err


@pytest.mark.parametrize(
    ("name", "value"), [("LANGUAGE", "fr"), ("PORT", "many"), ("SOLVER_SECONDS", "long"), ("NOSUCH", "1")]
)
def test_a_bad_setting_is_named(wenqu, little, name, value):
    said = wenqu("summary", "--city", "little", **{"store": little, name: value})
    assert said.code == 2
    assert f"WENQU_{name}" in said.err


def test_a_bad_setting_is_told_in_the_language_that_was_asked_for(wenqu, little):
    said = wenqu("summary", "--city", "little", store=little, language="zh", PORT="many")
    assert said.code == 2
    assert "设置 WENQU_PORT" in said.err


@pytest.mark.parametrize(
    "address", ["a-file/store", "a-file", "mysql://somewhere/x", "postgresql://nobody@127.0.0.1:1/x"]
)
def test_a_store_that_cannot_be_reached_is_one_sentence(wenqu, tmp_path, address):
    (tmp_path / "a-file").write_text("no store")
    said = wenqu("summary", "--city", "x", store=address, ARCHIVE=str(tmp_path / "archive"))
    assert said.code == 2
    assert said.err.startswith("✗ ")
    assert said.out == ""


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_city_without_evidence_is_told_what_is_lacking(wenqu, little, language):
    grade = wenqu("grade", "--city", "little", store=little, language=language)
    assert grade.code == 2
    assert ("no inspections" if language == "en" else "检测记录") in grade.err
    assert "[detail]" not in grade.err
    for name in ("diagnose", "plan"):
        said = wenqu(name, "--city", "little", "--json", store=little, language=language)
        assert re.search(r"\[[a-z]", said.err) is None, "no fact of a sentence is left open"
        assert (said.code, said.out) == (2, "") or isinstance(said.json, dict)


def test_bad_rules_prices_and_languages_are_refused(wenqu, little, tmp_path):
    (tmp_path / "rules.json").write_text("{")
    (tmp_path / "prices.csv").write_text("x\n1\n")
    for words, expected in (
        (["plan", "--rules", "rules.json"], "JSON"),
        (["plan", "--rules", "nowhere.json"], "nowhere.json"),
        (["plan", "--prices", "nowhere.csv"], "nowhere.csv"),
        (["plan", "--prices", "prices.csv"], "lacks columns"),
        (["report", "--language", "fr"], "fr"),
    ):
        said = wenqu(*words, "--city", "little", store=little)
        assert said.code == 2, words
        assert expected in said.err, words


def test_an_interrupt_ends_with_130_and_one_sentence(wenqu, little, monkeypatch):
    def interrupted():
        raise KeyboardInterrupt

    monkeypatch.setattr(evidence, "opened", interrupted)  # the moment at which the user presses Ctrl+C
    for language, words in (("en", "Interrupted."), ("zh", "已中断。")):
        said = wenqu("summary", "--city", "little", store=little, language=language)
        assert said.code == 130
        assert words in said.err
        assert said.out == ""


def test_what_nobody_foresaw_is_a_number_and_a_file_to_send(wenqu, little, monkeypatch, tmp_path):
    def broken():
        raise ZeroDivisionError("of all things")

    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(evidence, "opened", broken)
    said = wenqu("summary", "--city", "little", store=little)
    assert said.code == 1
    assert "of all things" not in said.err
    reference = re.search(r"number ([0-9a-f]{8})", said.err).group(1)
    kept = next(tmp_path.glob(f"wenqu-{reference}-*.log"))
    assert str(kept) in said.err
    assert "ZeroDivisionError: of all things" in kept.read_text(encoding="utf-8")


def test_a_user_without_a_name_can_work(monkeypatch, wenqu):
    def nameless():
        raise KeyError("uid not found")

    monkeypatch.setattr("getpass.getuser", nameless)  # what happens to a number in a container
    wenqu("--help", AUTHOR="")
    assert output.author() == output.NOBODY


def test_serve_names_a_port_that_is_taken(wenqu, little):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        said = wenqu("serve", "--port", taken.getsockname()[1], store=little)
    assert said.code == 2
    assert "cannot be opened at 127.0.0.1" in said.err


def test_a_console_that_knows_no_chinese_is_spoken_to_all_the_same(tmp_path, little):
    running = outside(
        "summary",
        "--city",
        "小城",
        folder=tmp_path,
        STORE=little,
        LANGUAGE="zh",
        environment={"PYTHONIOENCODING": "ascii"},
    )
    out, err = running.communicate(timeout=120)
    assert running.returncode == 2
    assert out == b""
    assert b"little" in err
    assert b"Traceback" not in err


def test_the_page_is_served_until_it_is_interrupted(tmp_path, little):
    running = outside("serve", "--port", "0", folder=tmp_path, STORE=little, LANGUAGE="en")
    try:
        first = running.stderr.readline().decode()
        assert "one-time password" in first, "a store without accounts gets its administrator"
        line = running.stderr.readline().decode()
        address = re.search(r"http://127\.0\.0\.1:\d+/", line).group()
        with urllib.request.urlopen(f"{address}api/v1/cities", timeout=60) as answer:  # noqa: S310 - http, above
            assert answer.read() == b"[]", "a visitor sees no city that was not opened"
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=60)
    finally:
        running.kill()
    assert running.returncode == 130
    assert out == b""
    assert b"Traceback" not in err
