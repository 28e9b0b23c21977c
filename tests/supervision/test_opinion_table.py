"""Tables of opinions as offices fill them in, and the figures that a document says of them."""

from wenqu.records.opinion import Consultation, Opinion, OpinionAnswer
from wenqu.supervision.opinion_table import headings, read_rows
from wenqu.supervision.opinions import Totals, lacks, rounds

HEADS = ["序号", "提出单位", "日期", "对应条款", "意见内容", "采纳情况", "理由", "修改情况"]


def read(*rows, heads=HEADS):
    return read_rows([["《工作方案》意见采纳情况表"], heads, *map(list, rows)], "2023-10-20")


def test_an_official_table_is_read_with_title_and_sums_around_it():
    rows = read(
        ["1", "椒江区", "2023年10月8日", "三（一）", "分期安排资金", "部分采纳", "资金有限", "改为三期"],
        ["2", "椒江区", "", "", "明确牵头单位", "采 纳", "", ""],
        ["3", "市建设局", "2023/10/9", "", "无意见。", "", "", ""],
        ["共收到反馈意见2条，采纳1条", "", "", "", "", "", "", ""],
        ["填表人：", "", "", "", "", "", "", ""],
    )
    names = ("body", "date", "clause", "text", "verdict", "why", "change", "fault")
    assert [tuple(getattr(row, name) for name in names) for row in rows] == [
        ("椒江区", "2023-10-08", "三（一）", "分期安排资金", "partly", "资金有限", "改为三期", ""),
        ("椒江区", "2023-10-20", "", "明确牵头单位", "adopted", "", "", ""),
        ("市建设局", "2023-10-09", "", "", "open", "", "", ""),
    ]  # fmt: skip
    assert [row.place for row in rows] == [3, 4, 5]


def test_what_cannot_be_read_says_which_cell():
    rows = read(
        ["1", "", "", "", "改", "", "", ""],
        ["2", "椒江区", "", "", "", "采纳", "", ""],
        ["3", "椒江区", "十月初", "", "改", "", "", ""],
        ["4", "椒江区", "2023-13-40", "", "改", "", "", ""],
        ["5", "椒江区", "", "", "改", "再议", "", ""],
    )
    assert [row.fault for row in rows] == ["body", "text", "date", "date", "verdict"]
    assert rows[4].cells["verdict"] == "再议"


def test_headings_of_other_words_and_of_english_are_known():
    assert set(headings([["单位", "反馈意见", "是否采纳", "未采纳理由"]])[1].values()) == {
        "body", "text", "verdict", "why",
    }  # fmt: skip
    (row,) = read(["City office", "Fix the date", "not adopted", "too late"],
                  heads=["From", "Opinion", "Adopted", "Reason"])  # fmt: skip
    assert (row.body, row.text, row.verdict, row.why) == ("City office", "Fix the date", "not", "too late")
    assert headings([["甲", "乙"], ["丙", "丁"]]) == (-1, {})
    assert read_rows([["甲", "乙"]], "2023-10-20") == []


def said(number, body, text="x", late=False):
    return Opinion(f"Y{number}", "C", body, "2023-10-08", text, late=late)


def test_totals_are_those_of_the_first_seed():
    opinions = [said(n, f"body {n % 7}") for n in range(23)] + [said(23, "a", ""), said(24, "body 1", "")]
    opinions.append(said(25, "b"))
    verdicts = ["adopted"] * 9 + ["partly"] * 4 + ["not"] * 9
    answers = [OpinionAnswer(str(n), f"Y{n}", one, "why") for n, one in enumerate(verdicts)]
    answers += [OpinionAnswer("w", "Y25", "withdrawn", "twice")]
    found = rounds([Consultation("C", "D", 1, "2023-10-20", ("district:E",))], [], opinions, answers)["C"]
    assert found.totals == Totals(
        asked=1, replied=8, none=1, opinions=23, adopted=9, partly=4, refused=9, open=1, late=0, unsaid=13
    )
    assert found.silent() == ("district:E",)
    assert (found.over("2023-10-20"), found.over("2023-10-21"), found.days_left("2023-10-18")) == (
        False,
        True,
        2,
    )


def test_the_last_word_stands_and_a_refusal_says_why():
    answers = [OpinionAnswer("1", "Y1", "not", "no"), OpinionAnswer("2", "Y1", "adopted")]
    found = rounds([Consultation("C", "D", 1, "2023-10-20")], [], [said(1, "a"), said(1, "a")], answers)["C"]
    assert [voice.verdict for voice in found.voices] == ["adopted"]  # filed twice, it counts once
    assert lacks(answers[1]) == ()
    assert lacks(OpinionAnswer("3", "Y1", "partly", " ")) == ("why",)
