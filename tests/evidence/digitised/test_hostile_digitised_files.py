"""Files that are wrong: every refusal names the place, what was found, and a remedy."""

from __future__ import annotations

import contextlib
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from debulk.core.errors import InputError
from debulk.evidence.digitised.curves import read_digitised_curve, read_digitised_curves
from debulk.evidence.digitised.numbers_at_risk import read_at_risk, read_at_risk_tables

CURVES = {
    "empty": ("", "", "the file is empty"),
    "comments alone": ("# nothing\n\n", "", "the file is empty"),
    "words alone": ("x,y\nfoo,bar\n", "", "holds words and no numbers"),
    "text": ("t,s\n0,1\n6,abc\n", "line 3, column 's'", "'abc' is no number"),
    "infinity": ("0,1\n6,inf\n", "line 2, column 2", "'inf' is no number"),
    "a coordinate lacks": ("t,s\n0,1\n,0.5\n", "line 3, column 't'", "there is no number"),
    "one column": ("0\n1\n", "line 1", "there is one column"),
    "three columns without names": ("0,1,2\n1,1,3\n", "line 1", "there are 3 columns"),
    "one point": ("0,1\n", "", "has 1 point"),
    "percent": ("0,100\n6,90\n", "line 1, column 2", "percent=True"),
    "above 1": ("0,1\n6,0.9\n7,250\n", "line 3, column 2", "the survival 250 is above 1"),
    "negative survival": ("0,1\n6,-0.2\n", "line 2, column 2", "-0.2 is negative"),
    "negative time": ("0,1\n-3,1\n6,0.5\n", "line 2, column 1", "the time -3 is negative"),
    "no time": ("0,1\n0,0.5\n", "", "no time is above 0"),
    "incidence": ("0,0\n6,0.2\n12,0.5\n", "", "as an incidence does"),
    "at risk": ("time,at_risk\n0,213\n10,122\n", "line 1", "--at-risk"),
    "two names alike": ("A,,A,\nX,Y,X,Y\n0,1,0,1\n6,.9,6,.8\n", "", "two curves are called 'A'"),
    "two curves": ("x,A,B\n0,1,1\n6,.9,.8\n", "", "there are 2 curves: 'A', 'B'"),
}


@pytest.mark.parametrize(("text", "where", "found"), CURVES.values(), ids=CURVES.keys())
def test_hostile_curves(text: str, where: str, found: str, tmp_path: Path) -> None:
    path = tmp_path / "curve.csv"
    path.write_text(text)
    with pytest.raises(InputError) as refused:
        read_digitised_curve(path)
    assert "curve.csv" in str(refused.value)
    assert where in str(refused.value)
    assert found in str(refused.value)


def test_hostile_shares_told_to_be_percent(tmp_path: Path) -> None:
    path = tmp_path / "curve.csv"
    path.write_text("0,1\n6,0.9\n")
    with pytest.raises(InputError, match="Leave percent out"):
        read_digitised_curve(path, percent=True)
    with pytest.raises(InputError, match="there is no curve 'A'"):
        read_digitised_curve(path, curve="A")


TABLES = {
    "rising": ("time,at_risk\n0,213\n10,222\n", "line 3, column 'at_risk'", "rises from 213 to"),
    "fraction": ("0,213\n10,122.5\n20,80\n", "line 2", "122.5 is no number of patients"),
    "negative": ("0,213\n10,-1\n", "line 2", "-1 is no number of patients"),
    "times fall": ("0,213\n10,122\n10,80\n", "line 3", "10 does not come after 10"),
    "negative time": ("-10,213\n0,122\n", "line 1", "the time -10 is negative"),
    "text": ("t,n\n0,213\n10,many\n", "line 3, column 'n'", "'many' is no number"),
    "a curve": ("0,1\n6,0.91\n12,0.72\n", "", "Give the curve first"),
    "names alone": ("time,at_risk\n", "", "names and no numbers"),
    "one column": ("time\n3\n", "line 1", "there is one column"),
    "two arms": ("time,a,b\n0,5,6\n", "", "there are 2 arms: 'a', 'b'"),
}


@pytest.mark.parametrize(("text", "where", "found"), TABLES.values(), ids=TABLES.keys())
def test_hostile_numbers_at_risk(text: str, where: str, found: str, tmp_path: Path) -> None:
    path = tmp_path / "risk.csv"
    path.write_text(text)
    with pytest.raises(InputError) as refused:
        read_at_risk(path)
    assert "risk.csv" in str(refused.value)
    assert where in str(refused.value)
    assert found in str(refused.value)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("0:213 10:300", "rises from 213 to 300"),
        ("0:213 10", "'10' is no time:number"),
        ("0:213 10:x", "'x' is no number"),
        ("missing.csv", "there is no such file"),
    ],
)
def test_hostile_numbers_at_risk_as_text(text: str, found: str) -> None:
    with pytest.raises(InputError, match=found):
        read_at_risk(text)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("{", "line 1: is not JSON"),
        ("[1, 2]", "lacks a list of times"),
        ('{"trisk": [0], "nrisk": [5, 3]}', "2 numbers for 1 times"),
        ('{"trisk": [0, 5], "nrisk": [5, "x"]}', "'x' is no number"),
        ('{"trisk": [0, 5], "nrisk": []}', "there are no numbers"),
    ],
)
def test_hostile_json(text: str, found: str, tmp_path: Path) -> None:
    path = tmp_path / "nrisk.json"
    path.write_text(text)
    with pytest.raises(InputError, match=found):
        read_at_risk(path)


CELLS = st.sampled_from(["0", "1", "0,5", "12.5", "-3", "1e3", "x", "", '"', "nan", "1_0", "risk"])
LINES = st.lists(CELLS, max_size=5)
FILES = st.tuples(st.sampled_from([",", ";", "\t", " "]), st.lists(LINES, max_size=6)).map(
    lambda given: "\n".join(given[0].join(line) for line in given[1])
)


@given(text=st.one_of(FILES, st.text(max_size=40)), percent=st.booleans())
def test_hostile_any_text_is_read_or_refused(text: str, percent: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "any.csv"
        path.write_bytes(text.encode("utf-8", "surrogatepass"))
        for read in (
            lambda: read_digitised_curves(path, percent=percent),
            lambda: read_at_risk_tables(path),
        ):
            with contextlib.suppress(InputError):
                found = read()
                assert found
                assert all(frame.height for frame in found.values())
