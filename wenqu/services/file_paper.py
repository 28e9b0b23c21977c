"""File a paper that the data write as a version of an official document, with the figures it was made of."""

from wenqu.errors import BadInput, Refused
from wenqu.records.official import MadeFrom
from wenqu.services.city_state import Cities, CityState
from wenqu.services.document_register import document_of
from wenqu.services.file_document import Draft, file_version
from wenqu.services.papers import KINDS, make_paper, subject_place
from wenqu.services.rights import Person, demand
from wenqu.store.moments import now
from wenqu.supervision.document_life import DocumentLife


def file_paper(  # noqa: PLR0913 what, of what, in which form, why, by whom
    known: Cities,
    state: CityState,
    id_: str,
    kind: str,
    subject: str,
    *,
    language: str,
    form: str,
    reason: str,
    person: Person,
) -> DocumentLife:
    """Make a paper of what the person may see and file it as a version.

    Parameters
    ----------
    kind, subject, language, form
        As for ``wenqu.services.papers.make_paper``.

    Raises
    ------
    BadInput
        There is no such kind of paper, language or form.
    Refused
        The paper speaks of another district than the document (``document-place``): those who read the one
        are not those who read the other.
    """
    city, whole = state.network.city.code, known.whole.store
    demand(person, "export", city)
    life, _ = document_of(whole, city, id_, person)
    if kind not in KINDS:
        raise BadInput("paper-kind", name=kind, known=", ".join(KINDS))
    zone, _ = subject_place(state, kind, subject)
    if life.document.district not in {"", zone}:
        raise Refused("document-place", document=id_, district=zone or city)
    paper = make_paper(known.store, state, kind, subject, language, form, whole=whole)
    at = now().isoformat(timespec="seconds")
    named = "/".join(part for part in (kind, subject) if part)
    made_from = MadeFrom("paper", named, paper.version, at, paper.programme, paper.basis)
    figures = {f"F{one.number}": f"{one.label}: {one.said}" for one in paper.facts}
    draft = Draft(paper.name, paper.body, reason, made_from, figures)
    return file_version(whole, city, id_, draft, person=person)
