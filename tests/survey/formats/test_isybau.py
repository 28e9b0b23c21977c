"""Condition data in ISYBAU XML."""

import pytest

from wenqu.errors import FileUnreadable
from wenqu.survey.formats import format_of, read

OFD, BFR = "http://www.ofd-hannover.la/Identifikation", "http://www.bfr-abwasser.de"
PIPE = """\
<InspizierteAbwassertechnischeAnlage><Objektbezeichnung>H{n}</Objektbezeichnung><Anlagentyp>1</Anlagentyp>
<Lage><Strassenname>Mühlweg</Strassenname></Lage>
<OptischeInspektion><Auftragskennung>7</Auftragskennung><Inspektionsdatum>2019-06-0{n}</Inspektionsdatum>
<NameUntersucher>Meier</NameUntersucher><Uhrzeit>09:15:00</Uhrzeit><Wetter>1</Wetter>
<Rohrleitung><Inspektionsrichtung>U</Inspektionsrichtung><Inspektionslaenge>30.5</Inspektionslaenge>
<RGrunddaten><KnotenZulauf>S{n}</KnotenZulauf><KnotenAblauf>S9</KnotenAblauf><Material>B</Material></RGrunddaten>
<Inspektionsdaten>
<RZustand><Index>1</Index><Station>0.00</Station><Timecode>00:00:05</Timecode><InspektionsKode>BCD</InspektionsKode>
<Charakterisierung1>XP</Charakterisierung1></RZustand>
<RZustand><Station>4.20</Station><Timecode>00014200</Timecode><InspektionsKode>BAB</InspektionsKode>
<Charakterisierung1>B</Charakterisierung1><Charakterisierung2>A</Charakterisierung2><Verbindung>1</Verbindung>
<Quantifizierung1Numerisch>2.00</Quantifizierung1Numerisch><Streckenschaden>A</Streckenschaden>
<StreckenschadenLfdNr>1</StreckenschadenLfdNr><PositionVon>11</PositionVon><PositionBis>1</PositionBis>
<Fotodatei>h{n}_1.jpg</Fotodatei><Kommentar>Riß</Kommentar>
<Klassifizierung><Dichtheit><SKDvAuto>4</SKDvAuto></Dichtheit><MaxSKeAuto>4</MaxSKeAuto></Klassifizierung></RZustand>
<RZustand><Station>7.70</Station><InspektionsKode>BAB</InspektionsKode><Streckenschaden>B</Streckenschaden>
<StreckenschadenLfdNr>1</StreckenschadenLfdNr></RZustand>
<RZustand><Station>30.50</Station><InspektionsKode>BCE</InspektionsKode></RZustand>
</Inspektionsdaten>
<Bewertung><KlasseAutomatisch>4</KlasseAutomatisch><ZahlEndgueltig>330</ZahlEndgueltig></Bewertung>
</Rohrleitung></OptischeInspektion></InspizierteAbwassertechnischeAnlage>
"""
MANHOLE = """\
<InspizierteAbwassertechnischeAnlage><Objektbezeichnung>S9</Objektbezeichnung><Anlagentyp>3</Anlagentyp>
<OptischeInspektion><Inspektionsdatum>2019-06-03</Inspektionsdatum>
<Knoten><BezugspunktVertikal>2</BezugspunktVertikal><Inspektionsdaten>
<KZustand><VertikaleLage>0.80</VertikaleLage><InspektionsKode>DAF</InspektionsKode>
<Charakterisierung1>A</Charakterisierung1><Schachtbereich>D</Schachtbereich></KZustand>
</Inspektionsdaten></Knoten></OptischeInspektion></InspizierteAbwassertechnischeAnlage>
"""
NOTHING = """\
<InspizierteAbwassertechnischeAnlage><Objektbezeichnung>H7</Objektbezeichnung>
<Dichtheitspruefung><Pruefdatum>2019-06-03</Pruefdatum></Dichtheitspruefung></InspizierteAbwassertechnischeAnlage>
"""

ONE = PIPE.format(n=1)


def document(version="2013-02", space=OFD, parts=(ONE, MANHOLE), code="10", prefix=""):
    text = f"""\
<?xml version="1.0" encoding="ISO-8859-1"?>
<Identifikation xmlns="{space}"><Version>{version}</Version>
<Datenkollektive>
<Stammdatenkollektiv><AbwassertechnischeAnlage><Objektbezeichnung>H1</Objektbezeichnung>
<Kante><Laenge>31.00</Laenge></Kante></AbwassertechnischeAnlage></Stammdatenkollektiv>
<Zustandsdatenkollektiv><Auftraege><Auftrag><Auftragskennung>7</Auftragskennung>
<Inspektionszweck>2</Inspektionszweck><Kodiersystem>{code}</Kodiersystem></Auftrag></Auftraege>
{"".join(parts)}
<Filme><Film><Filmname>h1.mp4</Filmname><FilmObjekte><FilmObjekt><Objektbezeichnung>H1</Objektbezeichnung>
</FilmObjekt></FilmObjekte></Film></Filme>
</Zustandsdatenkollektiv></Datenkollektive></Identifikation>
"""
    if prefix:
        text = text.replace("xmlns=", f"xmlns:{prefix}=")
        for sign in ("</", "<"):
            text = text.replace(sign, f"{sign}{prefix}:")
        text = text.replace(f"<{prefix}:/{prefix}:", f"</{prefix}:").replace(f"<{prefix}:/", "</")
        text = text.replace(f"<{prefix}:?xml", "<?xml").replace(f"<{prefix}:{prefix}:", f"<{prefix}:")
    return text


def saved(tmp_path, text):
    path = tmp_path / "anything.txt"
    path.write_bytes(text.encode("latin-1"))
    return path


def codes(delivery):
    return [issue.code for issue in delivery.issues]


@pytest.mark.parametrize(("version", "space"), [("2013-02", OFD), ("2017-07", BFR)])
def test_both_editions_are_read_whatever_their_namespace(tmp_path, version, space):
    delivery = read(saved(tmp_path, document(version, space)))
    assert (delivery.format, delivery.standard) == (f"ISYBAU XML {version}", "EN 13508-2 2003+A1:2011")
    assert [asset.inspection.asset for asset in delivery.seen] == ["H1", "S9"]
    assert delivery.issues == ()


def test_names_with_a_prefix_are_the_same_names(tmp_path):
    plain, prefixed = document(), document(prefix="i")
    assert "<i:RZustand>" in prefixed
    one, two = read(saved(tmp_path, plain)), read(saved(tmp_path, prefixed))
    assert [asset.inspection for asset in two.seen] == [asset.inspection for asset in one.seen]


def test_a_conduit_keeps_direction_manholes_film_facts_and_stated_classes(tmp_path):
    asset = read(saved(tmp_path, document())).seen[0]
    seen = asset.inspection
    assert (seen.direction, seen.start, seen.end, seen.length) == ("upstream", "S9", "S1", 30.5)
    assert (seen.date, seen.time, seen.inspector, seen.weather, seen.reason) == (
        "2019-06-01", "09:15", "Meier", "1", "2",
    )  # fmt: skip
    assert seen.file == "h1.mp4"
    assert asset.media == ("h1.mp4", "h1_1.jpg")
    assert (asset.facts["Material"], asset.facts["Strassenname"]) == ("B", "Mühlweg")
    stated = asset.stated
    assert (stated["KlasseAutomatisch"], stated["ZahlEndgueltig"], stated["2.SKDvAuto"]) == (4, 330, 4)


def test_an_observation_of_a_conduit_keeps_everything(tmp_path):
    row = read(saved(tmp_path, document())).seen[0].inspection.defects[1]
    assert (row.code, row.characters, row.quantities, row.start, row.length) == (
        "BAB",
        ("B", "A"),
        (2.0,),
        4.2,
        3.5,
    )
    assert (row.clock, row.joint, row.picture, row.continuous) == ("1101", True, "h1_1.jpg", "A1")
    assert (row.film_at, row.remark) == (102.0, "Riß")  # 00:01:42


def test_a_manhole_is_a_manhole_and_keeps_where_heights_count_from(tmp_path):
    asset = read(saved(tmp_path, document())).seen[1]
    seen = asset.inspection
    assert (seen.asset_type, seen.method, asset.facts["BezugspunktVertikal"]) == ("manhole", "manhole", "2")
    assert [(row.code, row.start, row.part) for row in seen.defects] == [("DAF", 0.8, "D")]


def test_an_older_coding_system_has_the_older_edition(tmp_path):
    assert read(saved(tmp_path, document(code="2"))).standard == "EN 13508-2 2003"


def test_a_file_that_breaks_off_keeps_the_inspection_that_it_broke_in(tmp_path):
    text = document(parts=(PIPE.format(n=1), PIPE.format(n=2)))
    cut = text[: text.rindex("<Streckenschaden>B")]
    delivery = read(saved(tmp_path, cut))
    assert [len(asset.inspection.defects) for asset in delivery.seen] == [4, 3]
    assert delivery.seen[1].inspection.defects[1].remark == "Riß"
    assert codes(delivery) == ["survey.cut-short", "survey.open-stretch"]
    assert delivery.issues[0].place.row == cut.count("\n") + 1


def test_entities_are_refused_before_they_can_grow(tmp_path):
    bomb = '<!DOCTYPE Identifikation [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>'
    text = document().replace("<Identifikation", f"{bomb}<Identifikation", 1).replace("Meier", "&b;")
    with pytest.raises(FileUnreadable, match="xml-entities"):
        read(saved(tmp_path, text))


def test_elements_without_end_within_one_another_are_refused(tmp_path):
    with pytest.raises(FileUnreadable, match="xml-deep"):
        read(saved(tmp_path, document(parts=("<x>" * 200,))))


def test_what_was_only_tested_for_tightness_is_said(tmp_path):
    delivery = read(saved(tmp_path, document(parts=(NOTHING, MANHOLE))))
    assert codes(delivery) == ["survey.nothing-seen"]


def test_a_defect_beyond_the_drawn_conduit_and_an_unknown_code_are_kept_and_said(tmp_path):
    text = document().replace("<Station>4.20", "<Station>44.20").replace("BCE", "BZZ")
    delivery = read(saved(tmp_path, text))
    assert len(delivery.seen[0].inspection.defects) == 4
    assert sorted(codes(delivery)) == ["survey.beyond-end", "survey.unknown-code"]


def test_a_network_without_inspections_says_so(tmp_path):
    path = saved(tmp_path, document(parts=()))
    assert format_of(path).NAME == "ISYBAU XML"
    with pytest.raises(FileUnreadable, match="no-inspection"):
        read(path)
