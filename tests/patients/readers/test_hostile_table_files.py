"""Files as people have them: empty, cut off, in other encodings, with other separators."""

import zipfile

import polars as pl
import pyreadstat
import pytest

from debulk.core.errors import InputError
from debulk.patients.readers.mapping import read_mapped
from debulk.patients.readers.notes import Notes
from debulk.patients.readers.table_files import read_table


def test_a_byte_order_mark_is_no_part_of_the_first_name(tmp_path):
    (tmp_path / "a.csv").write_bytes("patient,age\n1,2\n".encode("utf-8-sig"))
    assert read_table(tmp_path / "a.csv", Notes()).columns == ["patient", "age"]


def test_semicolons_and_tabs_are_found_and_told(tmp_path):
    for mark, name in ((";", "semicolons"), ("\t", "tabs")):
        file = tmp_path / "a.csv"
        file.write_text(f"patient{mark}age\n1{mark}2\n")
        notes = Notes()
        assert read_table(file, notes).rows() == [("1", "2")]
        assert notes.decided == {f"a.csv: fields are separated by {name}": 1}


def test_latin_1_is_refused_with_its_line_and_read_when_named(tmp_path):
    file = tmp_path / "a.csv"
    file.write_bytes("name,centre\n1,Aix\n2,Orl\xe9ans\n".encode("latin-1"))
    with pytest.raises(InputError, match=r"a.csv, line 3: byte 0xe9 is not utf-8.*latin-1"):
        read_table(file, Notes())
    assert read_table(file, Notes(), encoding="latin-1")["centre"].to_list() == ["Aix", "Orléans"]


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"", "is empty"),
        (b"   \n", "is empty"),
        (b"a,b\n", "no rows"),
        (b"a,a\n1,2\n", "'a' comes twice"),
        (b"a,\n1,2\n", "a column has no name"),
        (b"a,b\n1,2,3,4\n", "is no CSV table"),
        (b"a,b\n1,\x002\n", "NUL"),
        (b"a,b,c\n1,2,3\n1,2", "its last line has 2 of 3 fields"),
    ],
)
def test_csv_that_is_none_is_refused(tmp_path, content, found):
    (tmp_path / "a.csv").write_bytes(content)
    with pytest.raises(InputError, match=found):
        read_table(tmp_path / "a.csv", Notes())


@pytest.mark.parametrize("ending", [".parquet", ".xlsx", ".xpt"])
def test_a_file_that_is_not_what_its_ending_says_is_refused(tmp_path, ending):
    file = tmp_path / f"a{ending}"
    file.write_bytes(b"a,b\n1,2\n" * 40)
    with pytest.raises(InputError, match="is no"):
        read_table(file, Notes())


@pytest.fixture
def transport(tmp_path):
    file = tmp_path / "dm.xpt"
    frame = pl.DataFrame({"USUBJID": [f"S{i:03d}" for i in range(60)], "AGE": [50.0] * 60})
    pyreadstat.write_xport(frame, str(file), table_name="DM", file_format_version=5)
    return file


@pytest.mark.parametrize("lost", [1, 80, 160, 400])
def test_a_transport_file_that_was_cut_off_is_refused(transport, lost):
    data = transport.read_bytes()
    assert read_table(transport, Notes()).height == 60
    transport.write_bytes(data[:-lost])
    with pytest.raises(InputError, match="cut off"):
        read_table(transport, Notes())


def cell(value):
    if isinstance(value, str):
        return f'<c t="inlineStr"><is><t>{value}</t></is></c>'
    return f"<c><v>{value}</v></c>"


def workbook(file, rows):
    """The smallest workbook that Excel reads: one sheet of inline texts."""
    cells = "".join(f"<row>{''.join(map(cell, row))}</row>" for row in rows)
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    packages = "http://schemas.openxmlformats.org/package/2006"
    with zipfile.ZipFile(file, "w") as book:
        book.writestr(
            "[Content_Types].xml",
            f'<Types xmlns="{packages}/content-types"><Default Extension="rels" ContentType="appl'
            'ication/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" '
            'ContentType="application/xml"/></Types>',
        )
        book.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{packages}/relationships"><Relationship Id="r1" '
            f'Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        )
        book.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets>'
            '<sheet name="Patients" sheetId="1" r:id="r1"/></sheets></workbook>',
        )
        book.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{packages}/relationships"><Relationship Id="r1" '
            f'Type="{office}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        )
        book.writestr(
            "xl/worksheets/sheet1.xml",
            f'<worksheet xmlns="{main}"><sheetData>{cells}</sheetData></worksheet>',
        )


def test_a_workbook_is_read_by_its_sheet(tmp_path):
    file = tmp_path / "a.xlsx"
    workbook(file, [["patient", "sex"], ["p1", "male"]])
    assert read_table(file, Notes(), sheet="Patients").rows() == [("p1", "male")]
    with pytest.raises(InputError, match=r"has no sheet 'Lesions'. Its sheets: Patients"):
        read_table(file, Notes(), sheet="Lesions")


def test_without_the_extra_the_remedy_is_named(transport, monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "pyreadstat", None)
    with pytest.raises(InputError, match=r"pip install 'debulk\[registries\]'"):
        read_table(transport, Notes())


def test_numbers_of_a_workbook_are_the_identifiers_of_a_text_file(tmp_path):
    workbook(tmp_path / "a.xlsx", [["id", "size"], [1, 2.5], [2, 3]])
    (tmp_path / "b.csv").write_text("id,age\n1,60\n2,61\n")
    (tmp_path / "map.yaml").write_text(
        "name: two files\ntime_zero: diagnosis\ntables:\n"
        "  patients: {file: b.csv, columns: {patient_id: {from: id}, age_years: {from: age}}}\n"
        "  lesions: {file: a.xlsx, where: {id: [1, 2]}, columns: {patient_id: {from: id}, "
        "lesion_id: {value: x}, organ: {value: liver}, diameter_mm: {from: size, unit: cm}}}\n"
    )
    found = read_mapped(tmp_path / "map.yaml")
    assert found.lesions.select("patient_id", "diameter_mm").rows() == [("1", 25.0), ("2", 30.0)]
