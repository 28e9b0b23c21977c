"""How does a body of any size become a file, never more of it in memory than one piece?"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from wenqu.errors import WenquError
from wenqu.services.incoming_file import Incoming

PIECE = 1 << 20  # bytes that are written at once
PATIENCE = 120.0  # [s] for which the rest of a refused file is read and thrown away


async def received(parts: AsyncIterator[bytes], begin: Callable[[], Incoming]) -> None:
    """Take a file from a stream; one that does not come whole is forgotten.

    Who is refused in the middle of sending would lose the connection and not hear why: the rest is read and
    thrown away, so that the sentence arrives.
    """
    try:
        await _written(parts, await run_in_threadpool(begin))
    except WenquError:
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                async for _ in parts:
                    pass
        raise


async def _written(parts: AsyncIterator[bytes], coming: Incoming) -> None:
    whole, piece = False, bytearray()
    try:
        async for part in parts:
            piece += part
            if len(piece) >= PIECE:
                await run_in_threadpool(coming.write, bytes(piece))
                piece.clear()
        await run_in_threadpool(coming.write, bytes(piece))
        whole = True
    finally:
        coming.end(whole=whole)


async def content_of(request: Request, most: int) -> bytes:
    """Return a body that is kept in memory; of one that is larger than ``most`` only as much as shows it.

    The rest is read and thrown away, so that the refusal arrives, but not without end.
    """
    content, seen = bytearray(), 0
    async for part in request.stream():
        seen += len(part)
        if len(content) <= most:
            content += part
        elif seen > 4 * most:
            break
    return bytes(content)
