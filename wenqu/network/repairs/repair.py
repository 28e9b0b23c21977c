"""What is one way to put right what a rule found?"""

from dataclasses import dataclass, field
from enum import StrEnum

from wenqu.network.edits import Edit


class Sure(StrEnum):
    """How sure a proposal is. Only certain ones are applied without asking."""

    CERTAIN = "certain"  # follows from the data; an import applies it by itself and lists it
    LIKELY = "likely"  # the evidence speaks for it; one click, or "all of this kind"
    POSSIBLE = "possible"  # one of several explanations; a person chooses


@dataclass(frozen=True, slots=True)
class Repair:
    """One proposal for one finding.

    Its sentence stands in both languages under ``repair.<key>`` and is filled from ``facts``. Apply it
    by ``wenqu.network.edits.applied(network, repair.edits)``. A repair without edits changes nothing
    (``confirms``): it records that the finding is right as it is, and ``check_all(..., confirmed=)``
    is silent about (rule, type, id) from then on.
    """

    rule: str  # code of the rule that found it
    key: str  # sentence: repair.<key>
    type: str  # the asset that the finding is about
    id: str
    edits: tuple[Edit, ...] = ()
    sure: Sure = Sure.POSSIBLE
    facts: dict[str, object] = field(default_factory=dict)
    instead: bool = False  # of a queued row: the edits stand in the place of the row's own Edit

    @property
    def name(self) -> str:
        """Return what tells it from its neighbours: two of one key differ in their facts."""
        return f"{self.key}:{'|'.join(str(value) for value in self.facts.values())}"

    @property
    def confirms(self) -> bool:
        """Tell whether it only says that the finding is right as it is."""
        return not self.edits

    @property
    def confirmation(self) -> tuple[str, str, str]:
        """Return (rule, type, id): what ``check_all`` takes as confirmed."""
        return self.rule, self.type, self.id
