"""A plant's own record: dilution told twice, the chance of its target, and what cannot be known."""

import numpy as np
import pytest

from wenqu.diagnosis.dry_day_model import with_weather
from wenqu.diagnosis.effect_verdict import SEEN, Asked, judge, terms_of
from wenqu.diagnosis.plant_history import chance_of, plant_history, ratio_loss, weighted
from wenqu.diagnosis.plant_record import day_of, read_plant_days
from wenqu.errors import BadInput, FileMissing, NotEnoughData

CLEAN = (0.06, 0.01)  # [S/m]
FIRST = np.datetime64("2023-01-01")


def table(folder, rows, head="date,flow_m3_per_d,bod5_mg_per_l,conductivity_us_per_cm,cod_mg_per_l"):
    path = folder / "plant.csv"
    path.write_text("\n".join([head, *rows]), encoding="utf-8")
    return path


def mixed(folder, clean_share):
    """Return a record of 10 000 m³/d of sewage, 1 200 µS/cm and 200 mg/L, with clean water of 600 µS/cm."""
    rows = []
    for day, share in enumerate(clean_share):
        flow = 10_000 / (1 - share)
        strength, salt = 200 * (1 - share), 1200 * (1 - share) + 600 * share
        rows.append(f"{FIRST + day},{flow:.1f},{strength:.2f},{salt:.2f},{2 * strength:.2f}")
    return read_plant_days(table(folder, rows))


def test_both_ways_find_the_clean_water_that_was_put_in(tmp_path):
    share = np.zeros(400)
    share[31:59] = 0.4  # February
    made = plant_history(mixed(tmp_path, share), 0.1, (0.06, 1e-6))
    february = made.months[1]
    assert february.month == "2023-02"
    assert february.by_flow[0] == pytest.approx(0.4, abs=1e-4)
    assert february.by_conductivity[0] == pytest.approx(0.4, abs=1e-3)
    assert february.means["bod5"] == pytest.approx(0.12)
    assert made.months[0].by_flow[0] == pytest.approx(0, abs=1e-4)
    assert made.slopes["bod5"][0] == pytest.approx(-1, abs=1e-3)
    assert made.agreement == pytest.approx(1)


def test_the_chance_of_the_target_falls_with_the_dilution_and_needs_a_year(tmp_path):
    share = np.clip(np.linspace(0.2, 0.8, 800) + 0.05 * np.sin(np.arange(800) / 20), 0, 0.9)
    made = plant_history(mixed(tmp_path, share), 0.1, CLEAN)
    chances = [one.chance for one in made.months]
    assert np.isnan(chances[0])
    known = [one for one in chances if np.isfinite(one)]
    assert known[0] > 0.9
    assert known[-1] < 0.1


def test_it_says_that_loss_and_dilution_cannot_be_told_apart_without_phosphorus_or_ammonia(tmp_path):
    made = plant_history(mixed(tmp_path, np.linspace(0, 0.5, 200)), 0.1, CLEAN)
    assert "loss" in made.unknown
    assert "salt" not in made.unknown


def test_salt_that_does_not_follow_the_flow_is_no_dilution(tmp_path):
    generator = np.random.default_rng(1)
    rows = [
        f"{FIRST + day},{10_000 * flow:.0f},{200 / flow:.1f},{salt:.0f},{400 / flow:.1f}"
        for day, (flow, salt) in enumerate(
            zip(generator.uniform(1, 2, 300), generator.uniform(800, 3000, 300), strict=True)
        )
    ]
    assert "salt" in plant_history(read_plant_days(table(tmp_path, rows)), 0.1, CLEAN).unknown


def test_a_ratio_to_what_stays_tells_loss_and_not_dilution():
    # By hand: at the source 200/5 = 40; diluted by half with a quarter of the BOD lost 75/2.5 = 30.
    lost, low, high = ratio_loss((75 / 2.5, 1.0), (200 / 5, 2.0))
    assert lost == pytest.approx(0.25)
    assert low < lost < high


def test_means_are_weighted_by_flow_and_chances_by_their_interval():
    assert weighted(np.array([1.0, 3.0, np.nan]), np.array([0.1, 0.2, 9.0])) == pytest.approx(0.175)
    assert chance_of((0.1, 0.08, 0.12), 0.1) == pytest.approx(0.5)
    assert np.isnan(chance_of((np.nan,) * 3, 0.1))


def test_a_year_of_removed_load_over_treated_volume():
    # Published for one city: 123,000 t COD and 10,500 t NH3-N from 660 million m³.
    assert pytest.approx(186, abs=0.5) == 123_000e9 / 660e9
    assert pytest.approx(15.9, abs=0.05) == 10_500e9 / 660e9


@pytest.mark.parametrize(
    ("text", "day"),
    [("D-1/3/90", "1990-03-01"), ("30/10/91", "1991-10-30"), ("2024-02-29", "2024-02-29"),
     ("5/6/24", "2024-06-05"), ("31/2/90", None), ("soon", None)],
)  # fmt: skip
def test_days_are_read_as_they_are_written(text, day):
    assert str(day_of(text)) == str(day)


def test_missing_strange_and_repeated_rows_are_counted(tmp_path):
    rows = ["2024-01-02,?,200,,1", "2024-01-01,100,abc,1,1", "2024-01-02,5,5,5,5", "nonsense,1,1,1,1"]
    made = read_plant_days(table(tmp_path, rows))
    assert [str(day) for day in made.days] == ["2024-01-01", "2024-01-02"]
    assert (made.twice, made.unread) == (1, 2)
    assert np.isnan(made.of("flow")[1])
    assert np.isnan(made.of("tp")).all()


def test_what_is_no_table_is_refused(tmp_path):
    with pytest.raises(FileMissing):
        read_plant_days(tmp_path / "none.csv")
    with pytest.raises(BadInput):
        read_plant_days(table(tmp_path, ["2024-01-01,1"], head="date,what"))
    with pytest.raises(NotEnoughData):
        plant_history(read_plant_days(table(tmp_path, ["2024-01-01,1,1,1,1"])), 0.1, CLEAN)


@pytest.fixture(scope="module")
def public(shared_data):
    return read_plant_days(shared_data / "uci-manresa-wwtp" / "water-treatment.csv")


def test_the_public_record_is_read_whole_and_its_salt_is_no_dilution(public):
    assert (len(public.days), str(public.days[0]), str(public.days[-1])) == (527, "1990-01-01", "1991-10-30")
    assert np.nanmean(public.of("flow")) * 86400 == pytest.approx(37226.56, abs=1)  # as its authors state
    assert np.nanmean(public.of("conductivity")) * 1e4 == pytest.approx(1478.62, abs=0.1)
    made = plant_history(public, 0.1, CLEAN)
    assert {"absolute", "where", "loss", "salt"} <= set(made.unknown)
    assert made.slopes["cod"][2] < -0.2  # what is sewage is thinned by flow, though


def test_a_real_record_without_works_is_not_seen_and_one_cut_by_half_is(public):
    days = np.arange(public.days[0], public.days[-1] + 1)
    rows = np.full((len(days), 1), np.nan)
    rows[(public.days - days[0]).astype(int), 0] = public.of("flow")
    begins = int(np.searchsorted(days, np.datetime64("1991-03-01")))
    found = []
    for cut in (0.0, 0.5):
        cut_rows = rows.copy()
        cut_rows[begins:] *= 1 - cut
        one = with_weather(days, cut_rows, None)
        made = terms_of(one, None, Asked(days[begins], 20, 0.5))
        assert made is not None
        found.append(judge(one, None, made[0], days[begins])[0])
    assert [one.verdict == SEEN for one in found] == [False, True]
    assert found[1].change == pytest.approx(0.5 * (1 + found[0].change) - 1, abs=0.05)
