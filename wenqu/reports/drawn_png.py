"""How does a drawing become dots, for files that hold no SVG?"""

import tempfile
from collections.abc import Mapping
from pathlib import Path

from wenqu.errors import EngineFailed
from wenqu.reports.drawing import FALLBACK, font_families, font_folder

DENSE = 130  # [1/inch]


def drawn_png(drawings: Mapping[str, str]) -> dict[str, bytes]:
    """Return SVG drawings as PNG, all in one run of the typesetter.

    Raises
    ------
    EngineFailed
        The typesetter refused a drawing; what it said is in the facts.
    """
    import typst

    if not drawings:
        return {}
    known = set(font_families())
    fonts = ", ".join(f'"{family}"' for family in FALLBACK if family in known) or '"DejaVu Sans"'
    with tempfile.TemporaryDirectory(prefix="wenqu-drawing-") as folder:
        root = Path(folder)
        pages = []
        for place, svg in enumerate(drawings.values()):
            (root / f"{place}.svg").write_text(svg, encoding="utf-8")
            pages.append(f'#image("{place}.svg", width: 720pt)')
        text = f"#set page(width: auto, height: auto, margin: 0pt)\n#set text(font: ({fonts},))\n"
        (root / "all.typ").write_text(text + "\n#pagebreak()\n".join(pages), encoding="utf-8")
        try:
            made = typst.compile(
                root / "all.typ", root=root, font_paths=[font_folder()], format="png", ppi=DENSE
            )
        except RuntimeError as error:
            raise EngineFailed("typesetting", engine="typst", said=str(error).splitlines()[0]) from None
    images = made if isinstance(made, list) else [made]
    return dict(zip(drawings, images, strict=True))
