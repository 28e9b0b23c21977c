"""Which number proves that the terms of a verification are those that were registered?

Whoever notes it when the terms are registered can compare it when the verdict is read.
"""

from dataclasses import fields
from hashlib import sha256

import orjson

from wenqu.records.verification import Verification


def seal_of(made: Verification) -> str:
    """Return the SHA-256 of all terms, in hex.

    A term at its default is left out, so that a term that is added later does not change what was noted.
    """
    told = {
        one.name: getattr(made, one.name) for one in fields(made) if getattr(made, one.name) != one.default
    }
    return sha256(orjson.dumps(told, option=orjson.OPT_SORT_KEYS)).hexdigest()
