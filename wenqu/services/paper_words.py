"""What did people write into a paper, who may, and which figures have changed since?"""

from collections.abc import Mapping
from dataclasses import replace

from wenqu.errors import BadInput, Refused, Unknown
from wenqu.records.paper import PaperWords
from wenqu.reports.paper import Change, Fact, PaperContent, Part, Words, references
from wenqu.services.city_state import CityState
from wenqu.services.file_works import new_id
from wenqu.services.rights import Person, demand, demand_account, reach
from wenqu.store.database import Store
from wenqu.store.moments import now

KIND = "paper_words"
LONGEST = 20_000


def words_of(store: Store, state: CityState, content: PaperContent) -> list[PaperWords]:
    """Return everything that was written into a paper in its language, oldest first."""
    city, moment = state.network.city.code, state.network.as_of or None
    own = (content.kind, content.subject, content.language)
    return [
        one
        for one in store.records(city, KIND, PaperWords, as_of=moment)
        if (one.kind, one.subject, one.language) == own
    ]


def with_edits(content: PaperContent, written: list[PaperWords]) -> PaperContent:
    """Return a paper with the texts that people wrote; figures in them are today's."""
    last = {one.name: one for one in written}
    counts: dict[str, int] = {}
    for one in written:
        counts[one.name] = counts.get(one.name, 0) + 1
    parts = tuple(
        Part(part.key, part.title, tuple(
            _edited(block, last.get(block.key), counts.get(block.key, 0), content.facts)
            if isinstance(block, Words) else block for block in part.blocks
        ))
        for part in content.parts
    )  # fmt: skip
    return replace(content, parts=parts)


def _edited(block: Words, one: PaperWords | None, version: int, facts: Mapping[str, Fact]) -> Words:
    if one is None or block.notice:
        return replace(block, draft=block.text)
    if not one.text:
        return replace(block, draft=block.text, version=version)
    return replace(
        block, text=one.text, draft=block.text, edited=True, version=version, by=one.by, at=one.at,
        changes=tuple(_changes(one, facts)), redrafted=block.text != one.draft,
    )  # fmt: skip


def _changes(one: PaperWords, facts: Mapping[str, Fact]) -> list[Change]:
    """Return the figures that the text stood on and that are others now."""
    made = []
    for key, label, before in one.figures:
        now_ = facts[key].said if key in facts else ""
        if now_ != before:
            made.append(Change(label, before, now_))
    return made


def keep_words(  # noqa: PLR0913 - a text is named by that much
    store: Store, content: PaperContent, name: str, text: str, *, person: Person, district: str, asset: str,
    version: int,
) -> PaperWords:  # fmt: skip
    """Keep what somebody wrote into a paper; an empty text takes it back to the draft.

    Parameters
    ----------
    content
        The paper as it is drafted now, with the texts written so far.
    name
        Of the text.
    district
        That the paper is about, "" for the whole city.
    asset
        Plant or district of the paper: who may see it may see the text.
    version
        How often the text had been edited when this was begun.

    Raises
    ------
    Refused
        The person may not decide there, or somebody else has edited the text meanwhile.
    Unknown
        The paper has no such text.
    BadInput
        The text is too long, or refers to a figure that the paper does not have.
    """
    demand_account(person)
    city = content.city
    if district:
        demand(person, "decide", city, district)
    elif not reach(person, "decide", city).whole:
        raise Refused("rights", action="decide", city=city, district="", body="")
    there = next((one for one in content.words if one.key == name and not one.notice), None)
    if there is None:
        raise Unknown("paper-words", name=name)
    said = text.strip()
    if len(said) > LONGEST:
        raise BadInput("paper-words-long", most=LONGEST)
    for key in references(said):
        if key not in content.facts:
            raise BadInput("paper-figure", name=key, known=", ".join(sorted(content.facts)[:12]))
    stood = dict.fromkeys([*references(there.draft or there.text), *references(said)])
    figures = tuple(
        (key, content.facts[key].label, content.facts[key].said) for key in stood if key in content.facts
    )
    with store.change(city, who=person.account, why=f"paper {content.kind} {content.subject}") as change:
        so_far = [
            one for one in store.records(city, KIND, PaperWords)
            if (one.kind, one.subject, one.language, one.name)
            == (content.kind, content.subject, content.language, name)
        ]  # fmt: skip
        if len(so_far) != version:
            raise Refused("paper-moved", name=name, by=so_far[-1].by if so_far else "")
        at = now().isoformat(timespec="seconds")
        made = PaperWords(
            new_id("W"), content.kind, content.subject, content.language, name, said,
            there.draft or there.text, figures, person.account, at, asset, content.simulated,
        )  # fmt: skip
        change.add_records(KIND, [made])
    return made
