"""How does a template with its data become a PDF?"""

import json
import tempfile
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

from wenqu.errors import EngineFailed
from wenqu.reports.drawing import FALLBACK, font_families, font_folder


def typeset(template: str, data: Mapping[str, object], drawings: Mapping[str, bytes] | None = None) -> bytes:
    """Return the PDF of a template: it reads ``data.json``, and drawings by their names.

    Raises
    ------
    EngineFailed
        The typesetter refused the document; what it said is in the facts.
    """
    import typst

    with tempfile.TemporaryDirectory(prefix="wenqu-report-") as folder:
        root = Path(folder)
        (root / "data.json").write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
        for name, content in (drawings or {}).items():
            (root / name).write_bytes(content)
        text = (files("wenqu.reports") / "templates" / template).read_text(encoding="utf-8")
        (root / template).write_text(text, encoding="utf-8")
        try:
            made: bytes = typst.compile(root / template, root=root, font_paths=[font_folder()])
        except RuntimeError as error:
            raise EngineFailed("typesetting", engine="typst", said=str(error).splitlines()[0]) from None
    return made


def text_fonts() -> list[str]:
    """Return the families that documents are set in, those that are there."""
    known = set(font_families())
    return [family for family in FALLBACK if family in known] or ["DejaVu Sans"]
