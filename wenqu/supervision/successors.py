"""Which pipes lie now where a pipe of the frozen list lay?"""

from collections.abc import Iterable, Mapping


def replaced_by(works: Iterable[tuple[str, Iterable[str]]]) -> dict[str, tuple[str, ...]]:
    """Return the pipes that took the place of each pipe, from (new pipe, pipes it replaces)."""
    made: dict[str, dict[str, None]] = {}
    for new, olds in works:
        for old in olds:
            if old != new:
                made.setdefault(old, {})[new] = None
    return {old: tuple(news) for old, news in made.items()}


def heirs(id_: str, after: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Return the last pipes in the line of a pipe: itself when nothing took its place.

    Examples
    --------
    >>> heirs("a", {"a": ("b", "c"), "c": ("d",)})
    ('b', 'd')
    """
    found: dict[str, None] = {}
    seen: set[str] = set()
    waiting = [id_]
    while waiting:
        name = waiting.pop(0)
        if name in seen:
            continue
        seen.add(name)
        news = after.get(name, ())
        if news:
            waiting.extend(news)
        else:
            found[name] = None
    return tuple(found)


def credited(since: Mapping[str, str], after: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """Return the day from which each pipe counts, with the pipes that were replaced.

    A replaced pipe counts once all that took its place count: from the last of their days.
    """
    made = dict(since)
    for old in after:
        days = [since.get(heir) for heir in heirs(old, after)]
        known = [day for day in days if day is not None]
        made.pop(old, None)
        if known and len(known) == len(days):
            made[old] = max(known)
    return made


def kept(since: Mapping[str, str], after: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """Return the first day of each pipe, where what was once done stays done when the pipe is replaced."""
    made = credited(since, after) | dict(since)
    return {id_: min(day, since.get(id_, day)) for id_, day in made.items()}
