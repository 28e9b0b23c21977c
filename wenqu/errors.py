"""The error tree: what a caller did wrong, as a code with facts.

    WenquError
    ├── BadInput              a file, a table or a value that cannot be used
    │   ├── FileMissing
    │   ├── FileUnreadable
    │   └── UnknownUnit
    ├── Unknown               something is named that is not there
    │   ├── UnknownAsset
    │   ├── UnknownCity
    │   ├── UnknownType
    │   └── UnknownMethod
    ├── NotEnoughData         the question is fair, the evidence does not reach
    ├── Refused               it could be done, and must not be
    ├── Infeasible            no plan meets the rules
    ├── EngineFailed          SWMM or another engine ended badly
    ├── StoreFailed           the store cannot be reached, read or written
    ├── Cancelled             whoever asked for the work has called it off
    └── BadSetting

An error holds a code and facts, never a sentence: the sentence stands in both languages under
``error.<code>`` in ``wenqu/messages`` and is made at the outer wall (route, job, command line).
Bad *data* is not an error but an Issue (``wenqu.issues``).
"""

from typing import ClassVar


class WenquError(Exception):
    """Root of every error that Wenqu raises on purpose."""

    code: ClassVar[str] = "unexpected"

    def __init__(self, reason: str = "", **facts: object) -> None:
        """Keep the facts; ``reason`` narrows the code (``error.<code>.<reason>`` in the messages)."""
        self.reason = reason
        self.facts = facts
        super().__init__(reason, facts)

    @property
    def key(self) -> str:
        """The key of this error's sentence in the message tables."""
        return f"error.{self.code}.{self.reason}" if self.reason else f"error.{self.code}"

    def __str__(self) -> str:
        """Show the key and the facts, for programmers; people get the sentence."""
        facts = ", ".join(f"{name}={value}" for name, value in self.facts.items())
        return f"{self.key}: {facts}" if facts else self.key


class BadInput(WenquError):
    """A file, a table or a value cannot be used as it stands."""

    code = "bad-input"


class FileMissing(BadInput):
    """The named file is not there. Facts: path."""

    code = "file-missing"


class FileUnreadable(BadInput):
    """The file is there and cannot be read as what it says it is. Facts: path, remedy-specific ones."""

    code = "file-unreadable"


class UnknownUnit(BadInput):
    """A unit is not in the registry. Facts: unit, known."""

    code = "unknown-unit"


class Unknown(WenquError):
    """Something is named that is not there. Facts: name, nearest."""

    code = "unknown"


class UnknownAsset(Unknown):
    """The network has no such asset. Facts: type, id, nearest."""

    code = "unknown-asset"


class UnknownCity(Unknown):
    """The store has no such city. Facts: city, known."""

    code = "unknown-city"


class UnknownType(Unknown):
    """There is no such asset type, field or code list. Facts: type, known."""

    code = "unknown-type"


class UnknownMethod(Unknown):
    """There is no such method. Facts: method, known."""

    code = "unknown-method"


class NotEnoughData(WenquError):
    """The evidence does not reach for an answer."""

    code = "not-enough-data"


class Refused(WenquError):
    """It could be done and must not be."""

    code = "refused"


class Infeasible(WenquError):
    """No plan meets the rules."""

    code = "infeasible"


class EngineFailed(WenquError):
    """An engine (SWMM, HiGHS, typst) ended badly. Facts: engine, what it said."""

    code = "engine-failed"


class StoreFailed(WenquError):
    """The store cannot be reached, read or written."""

    code = "store-failed"


class Cancelled(WenquError):
    """Whoever asked for the work has called it off; nothing of it was written."""

    code = "cancelled"


class BadSetting(WenquError):
    """A setting is unknown or has an impossible value."""

    code = "bad-setting"
