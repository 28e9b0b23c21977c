"""How does a Python answer become JSON? NaN is null, arrays are lists, keys stay as they are."""

from typing import Any

import orjson
from fastapi import Response


class Answer(Response):
    """A JSON response written by orjson; numpy arrays and frozen dataclasses are understood."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        """Return the bytes of the content; NaN and infinities become null."""
        return orjson.dumps(content, option=orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_NON_STR_KEYS)
