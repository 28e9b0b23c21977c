"""What did people write into a paper, and on which figures did they stand?"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PaperWords:
    """One named text of one paper as somebody left it. The last holds; an empty one takes it back."""

    id: str
    kind: str  # of the paper: plant, district, month, tasks, tables
    subject: str  # plant, district, month …
    language: str
    name: str  # of the text
    text: str  # references to figures in braces
    draft: str  # what was drafted then
    figures: tuple[tuple[str, str, str], ...]  # key, label, text of the figures it stood on
    by: str  # account
    at: str  # ISO time
    asset: str = ""  # plant or district: who may see it may see the text
    simulated: bool = False
