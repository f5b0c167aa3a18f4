"""The files of the usual digitisers, written by hand as those programs write them."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from debulk.evidence.digitised.curves import read_digitised_curve, read_digitised_curves
from debulk.evidence.digitised.numbers_at_risk import read_at_risk, read_at_risk_tables

POINTS = {"time": [0.0, 6.0, 12.5], "survival": [1.0, 0.9, 0.75]}

ONE_CURVE = {
    "WebPlotDigitizer": "0.0, 1.0\n6.0, 0.9\n12.5, 0.75\n",
    "WebPlotDigitizer, named": "Arm A,\nX,Y\n0,1\n6,0.9\n12.5,0.75\n",
    "DigitizeIt, tabs": "# DigitizeIt 2.5\nx\ty\n0\t1\n6\t0.9\n12.5\t0.75\n",
    "DigitizeIt, decimal comma": "0;1\n6;0,9\n12,5;0,75\n",
    "Engauge": "x,Curve1\n0,1\n6,0.9\n12.5,0.75\n",
    "kmdata": "T,S\n0.00E+00,1.00E+00\n6.00E+00,9.00E-01\n1.25E+01,7.50E-01\n",
    "R, row names": '"","V1","V2"\n"1",0,1\n"2",6,0.9\n"3",12.5,0.75\n',
    "R, shorter header": '"V1" "V2"\n"1" 0 1\n"2" 6 0.9\n"3" 12.5 0.75\n',
    "spaces, decimal comma": "0,0 1,0\n6,0 0,9\n12,5 0,75\n",
    "quoted decimal comma": 'x,y\n"0","1"\n"6","0,9"\n"12,5","0,75"\n',
    "byte order mark, blank lines": "\ufefftime,survival\r\n\r\n0,1\r\n6,0.9\r\n\r\n12.5,0.75\r\n",
}


@pytest.mark.parametrize("text", ONE_CURVE.values(), ids=ONE_CURVE.keys())
def test_handworked_one_curve(text: str, tmp_path: Path) -> None:
    path = tmp_path / "curve.csv"
    path.write_bytes(text.encode())
    assert read_digitised_curve(path).to_dict(as_series=False) == POINTS


def test_handworked_percent_is_read_when_told(tmp_path: Path) -> None:
    path = tmp_path / "curve.csv"
    path.write_text('"V1","V2"\n-0.1,100\n6,90\n12.5,75\n')
    read = read_digitised_curve(path, percent=True)
    assert read["survival"].to_list() == [1.0, 0.9, 0.75]
    assert read["time"].to_list() == [-0.1, 6.0, 12.5]  # a click left of the axis stays a click


SEVERAL = {
    "WebPlotDigitizer": "A,,B,\nX,Y,X,Y\n0,1,0,1\n6,0.9,5,0.8\n,,9,0.6\n",
    "WebPlotDigitizer, short lines": "A,,B\nX,Y,X,Y\n0,1,0,1\n6,0.9,5,0.8\n,,9,0.6\n",
    "Engauge, gaps": "x,A,B\n0,1,1\n5,,0.8\n6,0.9,\n9,,0.6\n",
    "Engauge, blocks": "x,A\n0,1\n6,0.9\n\nx,B\n0,1\n5,0.8\n9,0.6\n",
}


@pytest.mark.parametrize("text", SEVERAL.values(), ids=SEVERAL.keys())
def test_handworked_several_curves(text: str, tmp_path: Path) -> None:
    path = tmp_path / "curves.csv"
    path.write_text(text)
    read = read_digitised_curves(path)
    assert list(read) == ["A", "B"]
    assert read["A"].rows() == [(0.0, 1.0), (6.0, 0.9)]
    assert read["B"].rows() == [(0.0, 1.0), (5.0, 0.8), (9.0, 0.6)]
    assert read_digitised_curve(path, curve="B").equals(read["B"])


def test_handworked_numbers_at_risk_of_one_arm(tmp_path: Path) -> None:
    expected = [(0.0, 213), (10.0, 122), (20.0, 80)]
    table = tmp_path / "risk.csv"
    table.write_text("time,at_risk\n0,213\n10,122\n20,80\n30,\n")
    bare = tmp_path / "bare.csv"
    bare.write_text("0 213\n10 122\n20 80\n")
    for source in (table, bare, "0:213 10:122 20:80", "0:213, 10:122; 20:80"):
        assert read_at_risk(source).rows() == expected


def test_handworked_a_number_that_is_not_printed_is_null(tmp_path: Path) -> None:
    path = tmp_path / "risk.csv"
    path.write_text("time,at_risk\n0,213\n10,\n20,80\n30,\n")
    assert read_at_risk(path).rows() == [(0.0, 213), (10.0, None), (20.0, 80)]


def test_handworked_numbers_at_risk_of_two_arms(tmp_path: Path) -> None:
    beside = tmp_path / "beside.csv"
    beside.write_text("months;control;treated\n0;213;211\n10;122;143\n20;;101\n")
    below = tmp_path / "kmdata.csv"
    below.write_text(
        "interval,trisk,lower,upper,nrisk,TE,StudyID,Figure#,Arm\n"
        "1,0,,,213,,X,1,control\n2,10,,,122,,X,1,control\n"
        "1,0,,,211,,X,1,treated\n2,10,,,143,,X,1,treated\n3,20,,,101,,X,1,treated\n"
    )
    lists = tmp_path / "nrisk.json"
    counts = {"nrisk_control": [213, 122], "nrisk_treated": [211, 143, 101]}
    lists.write_text(json.dumps({"trisk": [0, 10, 20, 30], **counts}))
    for path in (beside, below, lists):
        read = read_at_risk_tables(path)
        assert read["control"].rows() == [(0.0, 213), (10.0, 122)]
        assert read["treated"].rows() == [(0.0, 211), (10.0, 143), (20.0, 101)]
        assert read_at_risk(path, arm="treated").equals(read["treated"])


@pytest.mark.data
@pytest.mark.skipif(not os.environ.get("DEBULK_DATA"), reason="DEBULK_DATA names no folder")
def test_handworked_real_clicks_and_real_tables() -> None:
    data = Path(os.environ["DEBULK_DATA"])
    radio = read_digitised_curve(data / "ipdfromkm_radiation" / "radio.csv", percent=True)
    assert (radio.height, radio["time"][0], radio["survival"][-1]) == (145, -0.512, 0.263)
    risk = read_at_risk(data / "ipdfromkm_radiation" / "nrisk.json", arm="radioplus")
    assert risk.rows()[-1] == (50.0, 9)  # eight times are printed, and six numbers
    clicks = read_digitised_curve(data / "kmdata_crc" / "Checkmate_067_S3A_Nivolumab.csv")
    assert clicks.row(0) == (0.0759, 1.0)
    risk = read_at_risk(data / "kmdata_crc" / "Checkmate_067_At_Risk.csv")
    assert (risk["at_risk"][0], risk["at_risk"][-1]) == (80, 0)
