"""How does somebody write into a paper, and what was written before?"""

from typing import Any

from wenqu.records.paper import PaperWords
from wenqu.services.city_state import Cities, CityState
from wenqu.services.paper_words import KIND, keep_words
from wenqu.services.papers import paper_content, subject_place
from wenqu.services.rights import Person
from wenqu.store.database import Store


def edit_paper(  # noqa: PLR0913 - a text is named by that much
    known: Cities, state: CityState, kind: str, *, subject: str, language: str, name: str, text: str,
    version: int, person: Person,
) -> PaperWords:  # fmt: skip
    """Keep what somebody wrote into a paper that they see; see ``keep_words``.

    Raises
    ------
    Refused
        The person may not decide there, the text has changed meanwhile.
    UnknownAsset
        There is no such plant or district for this person.
    """
    district, asset = subject_place(state, kind, subject)
    content = paper_content(known.store, state, kind, subject, language, whole=known.whole.store)
    return keep_words(
        known.whole.store, content, name, text, person=person, district=district, asset=asset, version=version
    )


def words_history(
    store: Store, state: CityState, kind: str, subject: str, language: str, name: str
) -> list[dict[str, Any]]:
    """Return every version of one text that is seen, the last first."""
    city, moment = state.network.city.code, state.network.as_of or None
    rows = [
        one
        for one in store.records(city, KIND, PaperWords, as_of=moment)
        if (one.kind, one.subject, one.language, one.name) == (kind, subject, language, name)
    ]
    return [
        {"id": one.id, "text": one.text, "draft": one.draft, "by": one.by, "at": one.at,
         "figures": [{"key": key, "label": label, "said": said} for key, label, said in one.figures]}
        for one in reversed(rows)
    ]  # fmt: skip
