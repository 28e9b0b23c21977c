"""Which papers do crews hand over? Reports made here; every firm lays its own out in another way."""

import struct
import zlib
from collections.abc import Sequence

from wenqu.protocols.word_file import Box, Picture, WordFile

Row = list[Box]


def png(shade: int) -> bytes:
    """Return a picture of one shade of grey."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 4, 3, 8, 0, 0, 0, 0)
    dots = b"".join(b"\0" + bytes([shade]) * 4 for _ in range(3))
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(dots)) + chunk(b"IEND", b"")
    )  # fmt: skip


def row(*texts: Box | str | float) -> Row:
    """Return one row of a table."""
    return [text if isinstance(text, Box) else Box(str(text)) for text in texts]


def shown(shade: int, span: int = 1, name: str = "") -> Box:
    """Return a cell with a picture."""
    return Box("", span=span, pictures=(Picture(name, png(shade)),))


GRADES = [
    row(
        Box("管段", down=2), Box("管径(mm)", down=2), Box("长度(m)", down=2), Box("材质", down=2),
        Box("埋深(m)", span=2), Box("结构性缺陷", span=6), Box("功能性缺陷", span=6),
    ),
    row(
        "起点", "终点", "平均值\nS", "最大值\nSmax", "缺陷\n等级", "缺陷\n密度", "修复\n指数", "综合状况评价",
        "平均值\nY", "最大值\nYmax", "缺陷\n等级", "缺陷\n密度", "养护\n指数", "综合状况评价",
    ),
    row(
        "W12～\nW13", "800", "25", "HDPE", "2.1", "2.3", "2.50", "5.00", "Ⅲ", "0.12", "4.25", "缺陷严重",
        "0", "0", "Ⅰ", "/", "0", "正常",
    ),
]  # fmt: skip


def sheet(
    *,
    start: str = "W12",
    end: str = "W13",
    date: str = "2024年3月5日",
    direction: str = "顺流",
    rows: Sequence[Row] = (),
    photos: Sequence[Row] = (),
) -> list[Row]:
    """Return the sheet of one pipe."""
    return [
        row("录像文件", f"{start}.mp4", Box("起始井号", span=2), start, "终止井号", Box(end, span=2)),
        row("敷设年代", "2003", Box("起点埋深", span=2), "2.10", "终点埋深", Box("2.30", span=2)),
        row("管段类型", "污水", Box("管段材质", span=2), "HDPE", "管段直径", Box("８００mm", span=2)),
        row("检测方向", direction, Box("管段长度", span=2), "25.0m", "检测长度", Box("25.0m", span=2)),
        row("修复指数", "4.25", Box("养护指数", span=2), "0", "检测人员", Box("张三", span=2)),
        row("检测地点", Box("人民路", span=4), "检测日期", Box(date, span=2)),
        row("距离\n(m)", "缺陷名称代码", "分值", "等级", Box("管道内部状况描述", span=3), "照片序号或说明"),
        *rows,
        row("备注信息", Box("夜间检测", span=7)),
        *photos,
    ]


def defect(distance: str, name: str, score: str, level: str, words: str = "", photo: str = "") -> Row:
    """Return one row of a sheet."""
    return row(distance, name, score, level, Box(words, span=3), photo)


def report(*tables: list[Row] | str, before: Sequence[str] = ()) -> bytes:
    """Return a report: tables under titles."""
    made = WordFile()
    for text in before:
        made.heading(text)
    for one in tables:
        if isinstance(one, str):
            made.heading(one)
        else:
            made.table(one)
    return made.bytes()
