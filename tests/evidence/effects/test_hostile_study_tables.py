"""A user's table of studies: recognised columns, and one clear message for what is wrong."""

from __future__ import annotations

import contextlib
import csv
import io
import math
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from debulk.core import InputError
from debulk.core.provenance import sha256_of
from debulk.evidence.effects.binomial_normal import pool_counted
from debulk.evidence.effects.column_sets import COLUMN_SETS, RECOGNISED
from debulk.evidence.effects.from_table import effects_from_table, two_by_two_from_table
from debulk.evidence.effects.mantel_haenszel import pool_tables

Z95 = 1.959963984540054


@pytest.fixture
def write(tmp_path: Path):
    def written(text: str) -> Path:
        path = tmp_path / "studies.csv"
        path.write_text(text, encoding="utf-8")
        return path

    return written


def test_each_row_takes_its_best_route(write) -> None:
    path = write(
        "Study,HR,Lower,Upper,Level,p,o-minus-E,V,organ,source\n"
        "A,0.8,0.6,1.07,,,,,liver,Doe 2020\n"
        "B,0.5,,,,0.05,,,lung,Roe 2021\n"
        "C,,,,,,-6,16,,Poe 2022\n"
        "D,0.79,0.62,1.02,95.66,,,,liver,Low 2023\n"
        "E,0.9,,,,,,,liver,Hay 2024\n"
    )
    found = effects_from_table(path)
    assert found.names == ("A", "B", "C", "D")
    se = [math.log(1.07 / 0.6) / (2 * Z95), math.log(2) / Z95, 0.25]
    np.testing.assert_allclose(found.std_errors[:3], se, rtol=1e-12)
    assert found.groups == {"organ": ("liver", "lung", None, "liver")}
    assert found.sources[0] == "Doe 2020"
    assert found.exclusions[0].reason.startswith("E (row 6): the hazard ratio 0.9 comes with")
    assert found.inputs == {"studies.csv": sha256_of(path)}
    assert str(path) not in " ".join(found.remarks) + str(found.exclusions)


def test_columns_of_other_names_are_mapped(write) -> None:
    path = write("trial,hazard,lo,hi\nA,0.8,0.6,1.07\n")
    mapped = {"study": "trial", "hr": "hazard", "lower": "lo", "upper": "hi"}
    assert effects_from_table(path, columns=mapped).names == ("A",)
    with pytest.raises(InputError, match=r"no column 'hazards' \(for hr\).*'hazard'"):
        effects_from_table(path, columns=mapped | {"hr": "hazards"})


def test_both_arms_need_a_measure(write) -> None:
    path = write("study,events_1,n_1,events_2,n_2,year\nA,3,10,5,10,1999\nB,,10,5,10,2001\n")
    with pytest.raises(InputError, match=r"may make odds ratio or risk ratio.*Say which"):
        effects_from_table(path)
    found = effects_from_table(path, measure="risk ratio")
    assert found.estimates[0] == pytest.approx(math.log(0.6))
    assert (found.patients, found.groups) == ((20,), {"year": (1999.0,)})
    assert "events or patients of an arm are missing" in found.exclusions[0].reason
    assert effects_from_table(path, measure="hazard ratio").measure == "hazard ratio"


def test_counts_of_a_table_pool_without_correction(write) -> None:
    path = write("study,events,n\nA,0,10\nB,3,20\nC,9,30\nD,,\n")
    found = pool_counted(effects_from_table(path))
    assert [each.name for each in found.studies] == ["A", "B", "C"]
    assert (found.events, found.patients) == ((0, 3, 9), (10, 20, 30))
    assert found.provenance.inputs == {"studies.csv": sha256_of(path)}
    assert found.provenance.exclusions[0].reason.startswith("D (row 5)")
    curve = effects_from_table(write("study,percent,n\nA,40,100\n"), survival=True)
    with pytest.raises(InputError, match="study 'A': its events are not counted"):
        pool_counted(curve)
    with pytest.raises(InputError, match="a hazard ratio has no counted events"):
        pool_counted(effects_from_table(write("study,o_minus_e,v\nA,-6,16\n")))


def test_arms_of_a_table_pool_without_correction(write) -> None:
    path = write("study,events_1,n_1,events_2,n_2\nA,3,10,5,10\nB,,20,2,22\nC,0,5,1,5\n")
    tables, exclusions = two_by_two_from_table(path)
    assert tables.names == ("A", "C")
    assert exclusions[0].reason.startswith("B (row 3)")
    assert pool_tables(tables).k == 2
    with pytest.raises(InputError, match="there is no column 'events_1'"):
        two_by_two_from_table(write("study,events,n\nA,3,10\n"))
    with pytest.raises(InputError, match="row 2, column 'events_2': 11 events are more"):
        two_by_two_from_table(write("study,events_1,n_1,events_2,n_2\nA,3,10,11,10\n"))


def test_a_p_value_beside_counts_makes_no_hazard_ratio(write) -> None:
    found = effects_from_table(write("study,events,n,p\nA,3,10,0.2\n"))
    assert found.measure == "proportion"
    assert "Columns not used: p" in found.remarks


def test_percentages_of_curves_are_told_from_counts(write) -> None:
    path = write("study,percent,n,lower,upper\nA,40,100,,\nB,41,133,32,49.8\n")
    curve = effects_from_table(path, survival=True)
    assert "A: Censoring is ignored" in " ".join(curve.remarks)
    counted = effects_from_table(path)
    assert counted.std_errors[0] == pytest.approx(math.sqrt(1 / 40 + 1 / 60))
    assert "Effective number of patients from the interval" in " ".join(counted.remarks)


def test_parquet_and_frames_are_read_alike(tmp_path: Path) -> None:
    frame = pl.DataFrame({"study": ["A", "B"], "estimate": [0.1, 0.3], "se": [0.2, 0.1]})
    frame.write_parquet(tmp_path / "s.parquet")
    one, two = effects_from_table(frame), effects_from_table(tmp_path / "s.parquet")
    np.testing.assert_array_equal(one.estimates, two.estimates)
    with pytest.raises(InputError, match=r"table, row 2, column 'se': nan is no finite number"):
        effects_from_table(frame.with_columns(se=pl.Series([0.2, math.nan])))


def test_the_same_numbers_under_two_names_are_remarked_on(write) -> None:
    found = effects_from_table(write("study,estimate,se\nA,0.1,0.2\nB,0.1,0.2\n"))
    assert "A and B have the same effect and error" in " ".join(found.remarks)
    sized = "study,estimate,se,n\nA,0.1,0.2,50\nB,0.1,0.2,60\nC,0.1,0.2,{}\n"
    unlike = effects_from_table(write(sized.format("70")))
    assert not any("the same effect" in each for each in unlike.remarks)
    alike = effects_from_table(write(sized.format("50")))
    assert "A and C have the same effect and error" in " ".join(alike.remarks)


def test_two_studies_of_one_work_are_told_apart_by_its_source(write) -> None:
    text = "study,estimate,se,source\nA,0.1,0.2,doi:10.1000/x\nB,0.3,0.2,{}\n"
    for source in ("https://doi.org/10.1000/X", "doi: 10.1000/x.", "10.1000/x"):
        with pytest.raises(InputError, match=r"row 3, column 'source': .* is the source of 'A'"):
            effects_from_table(write(text.format(source)))
    for source in ("doi:10.1000/x second trial", "10.1000/x2", "own records"):
        assert effects_from_table(write(text.format(source))).names == ("A", "B")
    # Words that identify no work are no reason to refuse.
    words = text.replace("doi:10.1000/x", "own data").format("own data")
    assert effects_from_table(write(words)).names == ("A", "B")


def test_a_recognised_column_without_use_is_told(write) -> None:
    found = effects_from_table(write("study,estimate,se,p\nA,0.1,0.2,0.6\n"))
    assert "Columns not used: p" in found.remarks


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("study,hr,lower,upper\nA,0.8,0.6,1\nB,-1,0.6,1\n", "row 3, column 'hr': -1 is not above"),
        ("study,hr,lower,upper\nA,0.8,0.9,1\n", "row 2, column 'hr': the interval.*excludes"),
        ("study,hr,lower,upper\nA,abc,0.9,1\n", "row 2, column 'hr': 'abc' is not a number"),
        ("study,hr,lower,upper\nA,NaN,0.9,1\n", "row 2, column 'hr': 'NaN' is no finite number"),
        ("study,hr,lower,upper\nA,inf,0.9,1\n", "row 2, column 'hr': 'inf' is no finite number"),
        ('study,hr,lower,upper\nA,"0,8",0.9,1\n', "row 2, column 'hr': '0,8'.*Write 0.8"),
        ("study,HR (OS),hr,p\nA,1,0.8,<0.001\n", "row 2, column 'p': '<0.001'.*0.001 as the bound"),
        ("study,hr,p\nA,0.8,0\n", "row 2, column 'p': 0 is no p value"),
        ("study,hr,p\nA,0.8,1.5\n", "row 2, column 'p': 1.5 is no p value"),
        ("study,hr,p,p_sides\nA,0.8,0.5,3\n", "row 2, column 'p_sides': '3' is not one or two"),
        ("study,hr,lower,upper,level\nA,1,0.9,2,300\n", "row 2, column 'level': 300 is no conf"),
        ("study,hr,events\nA,0.8,1.5\n", "row 2, column 'events': 1.5 is not a whole number"),
        ("study,o_minus_e,v\nA,1,-3\n", "row 2, column 'v': -3 is not above 0"),
        ("study,p,events,favours\nA,0.1,50,left\n", "row 2, column 'favours': 'left' is no arm"),
        ("study,events,n\nA,3,10\nB,21,20\n", "row 3, column 'events': 21 events are more"),
        ("study,percent,n\nA,130,10\n", "row 2, column 'percent': 130 is not within 0 to 100"),
        ("study,percent,lower,upper\nA,30,40,50\n", "row 2, column 'percent': .*excludes"),
        ("study,estimate,se\nA,0.1,-1\n", "row 2, column 'se': -1 is not above 0"),
        ("study,estimate,se\nA,0.1,0.2\na,0.2,0.1\n", "row 3, column 'study': 'a' stands there tw"),
        ("study,estimate,se\n,0.1,0.2\n", "row 2, column 'study': the study has no name"),
        ("study,estimate,se\nA,,\n", "no study has an effect with an error"),
        ("study,foo\nA,1\n", "its columns 'study' \\+ 'foo' make no effect"),
        ("trial,hr\nA,1\n", "there is no column 'study'"),
        ("study,hr,HR\nA,1,1\n", "columns 'hr' and 'HR' are both 'hr'"),
        ("study,hr\n", "the table has no rows"),
        ("", "the file is empty"),
    ],
)
def test_what_is_wrong_is_told_with_file_row_and_column(write, text: str, told: str) -> None:
    with pytest.raises(InputError, match=told) as raised:
        effects_from_table(write(text))
    assert raised.value.where.startswith(str(write(text)))


def test_a_measure_that_columns_cannot_make_is_told(write) -> None:
    path = write("study,estimate,se\nA,0.1,0.2\n")
    with pytest.raises(InputError, match=r"do not make a hazard ratio.*'hr'"):
        effects_from_table(path, measure="hazard ratio")
    with pytest.raises(InputError, match=r"no columns make a hazardratio.*'hazard ratio'"):
        effects_from_table(path, measure="hazardratio")  # type: ignore[arg-type]


CELLS = st.one_of(
    st.sampled_from(["", "0", "1", "-1", "0.5", "1e308", "1e-320", "nan", "inf", "<0.01", "x"]),
    st.floats(allow_nan=True).map(repr),
    st.integers(-3, 300).map(str),
    st.text(max_size=4),
)


@settings(
    max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(data=st.data())
def test_any_table_gives_effects_or_one_clear_message(tmp_path: Path, data: st.DataObject) -> None:
    columns = data.draw(st.sampled_from(COLUMN_SETS)).columns
    more = data.draw(st.lists(st.sampled_from(RECOGNISED), max_size=3))
    names = list(dict.fromkeys(("study", *columns, *more)))
    table = data.draw(
        st.lists(st.lists(CELLS, min_size=len(names), max_size=len(names)), max_size=4)
    )
    measure = data.draw(
        st.sampled_from([None, "hazard ratio", "odds ratio", "risk difference", "proportion"])
    )
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows([names, *table])
    path = tmp_path / "any.csv"
    path.write_text(text.getvalue(), encoding="utf-8", errors="replace")
    with contextlib.suppress(InputError):
        found = effects_from_table(path, measure=measure)
        assert np.isfinite(found.estimates).all()
        assert (found.std_errors > 0).all()
        assert np.isfinite(found.std_errors).all()
        assert len(found.names) == len(set(found.names)) == len(found.estimates)
