"""Are files written whole or not at all, is JSON the same to the byte, is bad text refused?"""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from debulk.core.errors import InputError
from debulk.core.files import json_text, output_folder, read_utf8, write_text, write_with

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(JSON_VALUES)
def test_json_never_holds_nan_and_reads_back(value: object) -> None:
    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    text = json_text(value)
    assert text.endswith("\n")
    assert json_text(json.loads(text, parse_constant=refuse)) == text


def test_json_keeps_the_order_of_keys_and_every_letter() -> None:
    text = json_text({"b": np.float64(1.5), "a": [np.nan, np.inf, -np.inf], "ü": "é"})
    assert text == '{\n  "b": 1.5,\n  "a": [\n    null,\n    null,\n    null\n  ],\n  "ü": "é"\n}\n'


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    write_text(path, "first\n")
    write_text(path, "second é\n")
    assert path.read_bytes() == "second é\n".encode()
    assert os.listdir(tmp_path) == ["results.json"]


def test_a_file_gets_the_rights_a_new_file_has(tmp_path: Path) -> None:
    write_text(tmp_path / "ours", "x")
    (tmp_path / "plain").write_text("x", encoding="utf-8")
    modes = [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("ours", "plain")]
    assert modes[0] == modes[1]


@pytest.mark.parametrize("stop", [RuntimeError, KeyboardInterrupt])
def test_what_fails_half_way_leaves_the_old_file_and_nothing_else(tmp_path: Path, stop) -> None:
    path = tmp_path / "trials.parquet"
    path.write_text("old", encoding="utf-8")

    def write(aside: Path) -> None:
        aside.write_text("half", encoding="utf-8")
        raise stop

    with pytest.raises(stop):
        write_with(path, write)
    assert path.read_text(encoding="utf-8") == "old"
    assert os.listdir(tmp_path) == ["trials.parquet"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk_is_the_users_to_mend(tmp_path: Path) -> None:
    def write(aside: Path) -> None:
        with Path("/dev/full").open("wb", buffering=0) as full:
            full.write(aside.name.encode())

    with pytest.raises(InputError, match=r"cannot be written \(No space left on device\)"):
        write_with(tmp_path / "report.html", write)
    assert os.listdir(tmp_path) == []


def test_a_folder_that_is_not_there_is_the_users_to_mend(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"cannot be written .*another place"):
        write_text(tmp_path / "none" / "report.html", "x")


def test_an_output_folder_is_made_and_left_empty(tmp_path: Path) -> None:
    made = output_folder(tmp_path / "runs" / "first")
    assert made.is_dir()
    assert os.listdir(made) == []
    assert output_folder(made) == made


def test_a_file_in_the_place_of_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("x", encoding="utf-8")
    with pytest.raises(InputError, match="is a file, not a folder"):
        output_folder(tmp_path / "runs")
    with pytest.raises(InputError, match="cannot be written"):
        output_folder(tmp_path / "runs" / "first")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_the_right_to_write_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(InputError, match="Permission denied"):
            output_folder(tmp_path)
        with pytest.raises(InputError, match="Permission denied"):
            write_text(tmp_path / "report.html", "x")
    finally:
        tmp_path.chmod(0o700)


def test_a_byte_order_mark_is_no_part_of_the_text(tmp_path: Path) -> None:
    path = tmp_path / "patients.csv"
    path.write_bytes(b"\xef\xbb\xbfpatient_id\n")
    assert read_utf8(path) == "patient_id\n"


def test_a_file_that_is_not_utf8_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "patients.csv"
    path.write_bytes("name\nAnna\nJosé\n".encode("latin-1"))
    with pytest.raises(InputError, match=r"patients.csv, line 3: byte 0xe9 is not UTF-8"):
        read_utf8(path)


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no such file"):
        read_utf8(tmp_path / "none.csv")
    with pytest.raises(InputError, match="cannot be read"):
        read_utf8(tmp_path)


def test_a_name_too_long_for_a_folder_is_the_users_to_mend(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"cannot be written \(File name too long\)"):
        output_folder(tmp_path / ("long" * 100))
    assert os.listdir(tmp_path) == []
