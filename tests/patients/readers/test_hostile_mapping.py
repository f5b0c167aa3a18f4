"""Mapping files and their tables with any part spoilt: read, or refused with a remedy."""

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from debulk.core.errors import InputError
from debulk.patients.readers.mapping import read_mapped
from debulk.patients.readers.mapping_draft import draft_mapping

TABLE = [
    ["id", "sex", "age", "cea", "dx", "last", "dead", "organ", "size"],
    ["1", "m", "60", "1,5", "2020-01-01", "2021-01-01", "1", "liver", "2"],
    ["2", "f", "61", "-999", "2020-01-02", "2021-01-01", "0", "lung", "3"],
]
MAPPING = """\
name: registry
time_zero: {file: a.csv, patient: id, date: dx, meaning: diagnosis}
missing: [-999]
dates: [yyyy-mm-dd]
tables:
  patients:
    file: a.csv
    delimiter: ";"
    decimal: ","
    duplicates: latest
    latest_by: last
    columns:
      patient_id: {from: id}
      sex: {from: sex, codes: {m: male, f: female}}
      age_years: {from: age, unit: years}
      cea_ug_l: {from: cea, unit: ng/ml}
  followup:
    - file: a.csv
      columns:
        patient_id: {from: id}
        last_months: {from: last, date: true}
        dead: {from: dead}
  lesions:
    file: a.csv
    where: {organ: [liver, lung]}
    columns:
      patient_id: {from: id}
      lesion_id: {from: organ}
      organ: {from: organ}
      diameter_mm: {from: size, unit: cm}
"""
LINES = MAPPING.splitlines()


def read(folder, mapping=MAPPING, table=TABLE):
    text = "\n".join(";".join(row) for row in table) + "\n"
    (folder / "a.csv").write_text(text, encoding="utf-8")
    (folder / "map.yaml").write_text(mapping, encoding="utf-8")
    return read_mapped(folder / "map.yaml")


def test_nothing_spoilt_is_read(tmp_path):
    found = read(tmp_path)
    assert found.lesions["diameter_mm"].to_list() == [20.0, 30.0]
    assert found.patients["cea_ug_l"].to_list() == [1.5, None]


@pytest.mark.parametrize("at", range(len(LINES)))
@pytest.mark.parametrize("put", [None, "7", "{x: y}"])
def test_a_spoilt_line_of_the_mapping_is_read_or_refused(tmp_path, at, put):
    name = LINES[at].partition(":")[0]
    lines = [*LINES[:at], *([] if put is None else [f"{name}: {put}"]), *LINES[at + 1 :]]
    with contextlib.suppress(InputError):
        assert len(read(tmp_path, "\n".join(lines))) == 2


cells = st.text(st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters=';"'),
                max_size=8)  # fmt: skip


@settings(max_examples=60)
@given(row=st.integers(0, 2), column=st.integers(0, 8), cell=cells)
def test_a_spoilt_cell_is_read_or_refused_and_drafted(tmp_path_factory, row, column, cell):
    folder = tmp_path_factory.mktemp("spoilt")
    table = [list(each) for each in TABLE]
    table[row][column] = cell
    with contextlib.suppress(InputError):
        assert len(read(folder, table=table)) in (1, 2)
    with contextlib.suppress(InputError):
        assert draft_mapping([folder / "a.csv"]).startswith("# A draft")
