"""The engine runs alone, is believed only when its balances close, and its refusals are repeated."""

import numpy as np
import pytest

from wenqu.errors import EngineFailed, FileMissing, FileUnreadable, UnknownType
from wenqu.hydraulics.swmm.names import with_ascii_names
from wenqu.hydraulics.swmm.options import with_options
from wenqu.hydraulics.swmm.out import read_out
from wenqu.hydraulics.swmm.report import read_rpt
from wenqu.hydraulics.swmm.run import run_swmm

MODEL = """[OPTIONS]
FLOW_UNITS CMS
FLOW_ROUTING DYNWAVE
START_DATE 01/01/2020
END_DATE 01/01/2020
END_TIME 06:00:00
REPORT_STEP 00:10:00
ROUTING_STEP 2

[JUNCTIONS]
井a 1 2
[OUTFALLS]
排口 0.9 FREE
[CONDUITS]
管 井A 排口 100 0.013 0 0
[XSECTIONS]
管 CIRCULAR 0.5 0 0 0 1
[DWF]
井a FLOW 0.05
[REPORT]
NODES ALL
LINKS ALL
"""


def test_a_steady_inflow_leaves_as_it_came_and_at_manning_s_depth():
    """0.05 m³/s in 0.5 m at 1 ‰: full flow 0.1195 m³/s, share 0.4185 of it, depth 0.45 of 0.5 m (Chow)."""
    run = run_swmm(MODEL)
    assert run.results.nodes.tolist() == ["井a", "排口"]
    assert run.results.links.tolist() == ["管"]
    assert run.results.times[0] == np.datetime64("2020-01-01T00:10:00")
    assert run.results.times[-1] == np.datetime64("2020-01-01T06:00:00")
    assert run.results.link("flow")[-1, 0] == pytest.approx(0.05, rel=1e-3)
    assert run.results.node("depth")[-1, 0] == pytest.approx(0.45 * 0.5, abs=0.02)
    assert run.results.node("head")[-1, 0] == pytest.approx(1 + run.results.node("depth")[-1, 0], abs=1e-5)
    assert run.version.startswith("5.2")
    assert run.worst_continuity < 0.01
    assert run.issues == ()


def test_american_results_come_out_in_si():
    """The same pipe in feet and cubic feet a second."""
    foot = 0.3048
    text = (
        MODEL.replace("CMS", "CFS")
        .replace("井a 1 2", f"井a {1 / foot} {2 / foot}")
        .replace("排口 0.9", f"排口 {0.9 / foot}")
        .replace(" 100 0.013", f" {100 / foot} 0.013")
        .replace("CIRCULAR 0.5", f"CIRCULAR {0.5 / foot}")
        .replace("FLOW 0.05", f"FLOW {0.05 / foot**3}")
    )
    metric, american = run_swmm(MODEL).results, run_swmm(text).results
    for variable in ("flow", "depth", "velocity", "volume"):
        np.testing.assert_allclose(american.link(variable)[-1], metric.link(variable)[-1], rtol=2e-3)


def test_a_balance_that_does_not_close_is_an_issue():
    """A ten-metre pipe at ten percent, in steps of twenty seconds, makes water: the engine says -335 %."""
    text = (
        MODEL.replace("排口 0.9", "排口 0").replace(" 100 0.013", " 10 0.013").replace("ROUTING_STEP 2", "")
    )
    text = text.replace("FLOW 0.05", "FLOW 0.01").replace("06:00:00", "24:00:00")
    run = run_swmm(text)
    assert run.continuity["routing"] < -1
    assert [(issue.code, issue.facts["balance"]) for issue in run.issues] == [("inp.continuity", "routing")]


def test_a_refusal_repeats_the_engine_s_sentence_with_our_names_and_line():
    with pytest.raises(EngineFailed) as failed:
        run_swmm(MODEL.replace("管 井A 排口", "管 井A 无此井"))
    assert failed.value.facts["said"].startswith("ERROR 209: undefined object 无此井 at line 15")


def test_a_run_that_takes_too_long_is_stopped():
    with pytest.raises(EngineFailed) as failed:
        run_swmm(MODEL.replace("01/01/2020\nEND_TIME", "01/01/2060\nEND_TIME"), timeout=1.0)
    assert failed.value.reason == "timeout"


def test_progress_rises_to_the_end():
    shares = []
    run_swmm(MODEL, progress=shares.append)
    assert shares == sorted(shares)
    assert len(shares) > 50
    assert 0.97 <= shares[-1] <= 1.0


def test_files_are_found_by_their_last_name_and_written_ones_come_back():
    text = MODEL + (
        "[INFLOWS]\n井a FLOW 入流\n"
        '[TIMESERIES]\n入流 FILE "D:\\模型\\入流.txt"\n'
        '[FILES]\nSAVE HOTSTART "D:\\模型\\热启动.hsf"\n'
    )
    with pytest.raises(FileMissing) as missing:
        run_swmm(text)
    assert missing.value.facts["path"] == "D:\\模型\\入流.txt"
    run = run_swmm(text, {"入流.txt": b"0:00 0.02\n6:00 0.02\n"})
    assert run.results.link("flow")[-1, 0] == pytest.approx(0.07, rel=5e-3)
    assert run.written["热启动.hsf"].startswith(b"SWMM5-HOTSTART")
    assert (
        run_swmm(MODEL + '[FILES]\nUSE HOTSTART "热启动.hsf"\n', run.written).results.link("flow")[0, 0]
        > 0.04
    )


def test_two_names_that_differ_in_case_are_one_and_different_names_stay_different():
    text, names = with_ascii_names(MODEL + "\nN_1 not a name\n")
    assert text.isascii()
    assert sorted(names.values()) == ["井a", "排口", "管"]
    assert "N_1" not in names  # the text has it already


def test_options_are_added_at_the_end_so_that_lines_keep_their_numbers():
    text = with_options(MODEL, {"THREADS": "1", "END_TIME": "01:00:00"}, keep_lines=True)
    old, new = MODEL.split("\n"), text.split("\n")
    assert [n for n, (a, b) in enumerate(zip(old[:-1], new, strict=False)) if a != b] == [5]
    assert new[-2].split() == ["THREADS", "1"]


def test_a_results_file_cut_short_is_refused(tmp_path):
    path = tmp_path / "x.out"
    path.write_bytes(b"\0" * 100)
    with pytest.raises(FileUnreadable):
        read_out(path)
    with pytest.raises(FileMissing):
        read_out(tmp_path / "y.out")


def test_an_unknown_variable_is_refused_by_name():
    with pytest.raises(UnknownType) as refused:
        run_swmm(MODEL, options={"END_TIME": "00:10:00"}).results.link("colour")
    assert "velocity" in refused.value.facts["known"]


@pytest.mark.parametrize("name", ["Example1", "Example1b", "model_full_features_network", "owa-rpt-example"])
def test_reports_of_other_versions_are_read(name, shared_data):
    reading = read_rpt((shared_data / "swmmio-golden-rpt" / f"{name}.rpt").read_text(encoding="utf-8"))
    assert {"runoff", "routing"} <= reading.continuity.keys()
    assert all(abs(error) < 0.05 for error in reading.continuity.values())
    assert reading.version.startswith("5.")
