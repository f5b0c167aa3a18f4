import pytest

from debulk.core.errors import InputError
from debulk.patients import example_cohort
from debulk.patients.readers.formats import detected, read_any


def files(folder, *names):
    for name in names:
        (folder / name).write_text("x\n1\n")
    return folder


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (["patients.csv", "followup.csv"], "debulk"),
        (["dm.xpt", "tu.xpt"], "cdisc"),
        (["ADSL.csv"], "cdisc"),
        (["PERSON.csv", "death.csv"], "omop"),
        (["a.json", "SOURCE.md"], "mcode"),
        (["a.ndjson"], "mcode"),
    ],
)
def test_the_format_is_told_by_the_names_of_the_files(tmp_path, names, found):
    assert detected(files(tmp_path, *names)) == found


@pytest.mark.parametrize(
    ("name", "found"), [("a.yaml", "mapped"), ("a.json", "mcode"), ("cdm.duckdb", "omop")]
)
def test_a_single_file_is_told_by_its_ending(tmp_path, name, found):
    assert detected(files(tmp_path, name) / name) == found


def test_a_table_alone_needs_a_mapping(tmp_path):
    files(tmp_path, "reg.csv")
    with pytest.raises(InputError, match=r"debulk cohort map reg\.csv"):
        read_any(tmp_path / "reg.csv")


def test_what_is_none_of_them_is_refused(tmp_path):
    with pytest.raises(InputError, match="is no cohort, cBioPortal study"):
        read_any(files(tmp_path, "readme.doc"))
    with pytest.raises(InputError, match="there is no such file"):
        read_any(tmp_path / "nowhere")
    with pytest.raises(InputError, match=r"'cdiscs' is no format. Did you mean 'cdisc'"):
        read_any(tmp_path, format="cdiscs")


def test_a_cohort_of_our_own_is_read_with_its_record(tmp_path):
    example_cohort().write(tmp_path / "cohort")
    assert len(read_any(tmp_path / "cohort")) == len(example_cohort())
    with pytest.raises(InputError, match="a debulk folder needs none"):
        read_any(tmp_path / "cohort", format="debulk", mapping=tmp_path / "map.yaml")
