"""Hostile files: bombs, tricks of paths, depth, sizes, encodings; always an InputError."""

import io
import json
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from debulk.board.example_cases import example_cases
from debulk.board.imports.kinds import LARGEST_BYTES
from debulk.board.imports.preview import preview_import
from debulk.core.errors import InputError

KINDS = ("case", "cases", "mcode", "csv", "zip", "lines", "registry_trial")


def packed(name, text, *, many=1):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for place in range(many):
            archive.writestr(name if many == 1 else f"{place}{name}", text)
    return file.getvalue()


def lying_bomb():
    """A zip whose header says that its table is short."""
    content = packed("patients.csv", "patient_id\n" + "1" * (LARGEST_BYTES + 10))
    size = (LARGEST_BYTES + 21).to_bytes(4, "little")
    assert size in content
    return content.replace(size, (40).to_bytes(4, "little"))


HOSTILE = {
    "empty": b"",
    "blank": b" \n ",
    "not UTF-8": b"patient_id,age_years\n\xff,60\n",
    "NUL": b"patient_id,age_years\n\x00,60\n",
    "too large": b"x" * (LARGEST_BYTES + 1),
    "NaN": b'{"tables": {"patients": [{"age_years": NaN}]}}',
    "infinity": b'{"tables": {"patients": [{"age_years": -Infinity}]}}',
    "deep lists": b"[" * 100_000,
    "deep groups": b'{"a":' * 5_000 + b"1" + b"}" * 5_000,
    "rather deep": b'{"tables":' + b"[" * 80 + b"]" * 80 + b"}",
    "huge number": b'{"tables": {"patients": [{"age_years": ' + b"9" * 5_000 + b"}]}}",
    "cut off": b'{"tables": {"patients": [',
    "JSON of nothing": b"{}",
    "list of nothing": b"[]",
    "no rows": b'{"tables": {"patients": [1]}}',
    "group in a cell": b'{"tables": {"patients": [{"patient_id": {"a": 1}}]}}',
    "list in a cell": b'{"tables": {"patients": [{"patient_id": [[1]]}]}}',
    "no zip": b"PK\x03\x04junk",
    "PDF": b"%PDF-1.7",
    "bomb": packed("patients.csv", "patient_id\n" + "1" * 30_000_000),
    "bomb that lies": lying_bomb(),
    "path up": packed("../../patients.csv", "patient_id\n1\n"),
    "path of the machine": packed("/etc/patients.csv", "patient_id\n1\n"),
    "path of Windows": packed("C:\\patients.csv", "patient_id\n1\n"),
    "many files": packed("x.csv", "a\n", many=50),
    "Excel": packed("xl/workbook.xml", "<x/>"),
    "no table in it": packed("readme.txt", "x"),
    "semicolons": b"patient_id;age_years\n1;2\n",
    "ragged": b"patient_id,age_years\n1\n",
    "column twice": b"patient_id,patient_id\n1,2\n",
    "no column known": b"a,b\n1,2\n",
    "only commas": b",,\n",
    "only quotes": b'"",""\n',
    "a patient named by a list": json.dumps(
        {"tables": {"patients": [{"patient_id": ["a"]}]}}
    ).encode(),
    "an empty line": b"lesion_id,organ\n\nL1,liver\n",
    "too many columns": ",".join(f"c{n}" for n in range(12_000)).encode(),
    "open quote": b'patient_id,age_years\n"1,2\n',
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_file_is_an_input_error(content):
    with pytest.raises(InputError) as caught:
        preview_import("file", content)
    assert caught.value.remedy
    assert len(str(caught.value)) < 1_000


def test_an_encrypted_zip_is_an_input_error():
    content = bytearray(packed("patients.csv", "patient_id\n1\n"))
    for mark in (b"PK\x03\x04", b"PK\x01\x02"):
        place = content.index(mark) + (6 if mark == b"PK\x03\x04" else 8)
        content[place] |= 1
    with pytest.raises(InputError, match="encrypted"):
        preview_import("x.zip", bytes(content))


@pytest.mark.parametrize("name", ["../../etc/passwd", "a" * 5_000, "", "x\x00.csv", "C:\\x.csv"])
def test_the_name_is_only_a_name(name):
    found = preview_import(name, b"lesion_id,organ\nL1,liver\n")
    assert len(found.cases) == 1


@settings(max_examples=80)
@given(
    st.one_of(
        st.binary(max_size=200),
        st.text(max_size=200).map(str.encode),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(max_size=8),
            lambda each: (
                st.lists(each, max_size=3)
                | st.dictionaries(
                    st.sampled_from(
                        ("tables", "patients", "lesions", "cases", "patient_id", "organ")
                    ),
                    each,
                    max_size=4,
                )
            ),
            max_leaves=12,
        ).map(lambda value: json.dumps(value).encode()),
    ),
    st.sampled_from((None, *KINDS)),
)
def test_property_any_bytes_give_a_preview_or_an_input_error(content, kind):
    try:
        found = preview_import("file", content, kind)
    except InputError:
        return
    assert not (found.refused and found.cases)
    json.dumps(found.to_dict(), allow_nan=False)


@pytest.mark.parametrize("name", ["foo/bar", "orchestra/E99", "NCT12345678/", "NCT1/Jan Jansen"])
def test_an_answer_to_no_criterion_is_refused_since_the_case_could_not_be_shown(name):
    case = example_cases()[2].to_dict() | {"answers": {name: True}}
    with pytest.raises(InputError, match="names no criterion"):
        preview_import("case.json", json.dumps(case).encode())
    (kept,) = preview_import(
        "case.json", json.dumps(case | {"answers": {"NCT12345678/X1": True}}).encode()
    ).cases
    assert kept.answers == {"NCT12345678/X1": True}
