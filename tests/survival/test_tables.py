"""Reading users' tables: what is read, and one message for what is wrong."""

import polars as pl
import pytest

from debulk import InputError
from debulk.survival.comparison import compare, round_times
from debulk.survival.tables import example_table, read_table


def write(folder, text, name="t.csv"):
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def read(path, group="arm"):
    return read_table(path, time="months", event="dead", group=group)


GOOD = "months,dead,arm\n5,1,b\n7,0,a\n9,1,a\n"


def test_a_csv_file(tmp_path):
    table = read(write(tmp_path, GOOD))
    assert table.time.to_list() == [5, 7, 9]
    assert table.event.to_list() == [True, False, True]
    assert table.group.to_list() == ["b", "a", "a"]
    assert table.name == "t.csv"
    assert len(table.sha256) == 64


def test_parquet_gives_the_same(tmp_path):
    path = tmp_path / "t.parquet"
    pl.read_csv(GOOD.encode()).write_parquet(path)
    comparison = compare(read(path)).to_dict()
    other = compare(read(write(tmp_path, GOOD))).to_dict()
    del comparison["provenance"], other["provenance"]
    assert comparison == other


def test_an_enum_in_parquet_names_the_reference(tmp_path):
    path = tmp_path / "t.parquet"
    frame = pl.read_csv(GOOD.encode()).cast({"arm": pl.Enum(["b", "a"])})
    frame.write_parquet(path)
    assert compare(read(path)).groups.reference == "b"


def test_words_blank_lines_and_spaces(tmp_path):
    text = "\ufeffmonths,dead,arm\n5,TRUE,b\n\n7,false, a\n9,1.0,a\n\n"
    table = read(write(tmp_path, text))
    assert table.event.to_list() == [True, False, True]
    assert table.group.to_list() == ["b", "a", "a"]


def test_numbers_are_ordered_as_numbers(tmp_path):
    table = read(write(tmp_path, "months,dead,arm\n5,1,10\n7,0,9\n9,1,9\n"))
    groups = compare(table).groups
    assert groups.labels == ("9", "10")
    assert groups.chosen_by == "numeric order"


def test_rows_without_a_group_are_left_out_and_counted(tmp_path):
    table = read(write(tmp_path, GOOD + "x,9,NA\n-1,1,\n"))
    assert table.without_group == 2
    provenance = compare(table).to_dict()["provenance"]
    assert provenance["exclusions"] == [{"reason": "the group is missing", "count": 2}]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the file is empty"),
        ("months,dead,arm\n", "the table has no rows"),
        ("month,dead,arm\n5,1,a\n", "no column 'months'. Did you mean 'month'"),
        ("months,dead,arm\n5,1,a\n-7,0,b\n", "row 3, column 'months': -7 is negative"),
        ("months,dead,arm\n5,1,a\n,0,b\n", "row 3, column 'months': the value is missing"),
        ("months,dead,arm\n5,1,a\n\n7,NA,b\n", "row 4, column 'dead': the value is missing"),
        ("months,dead,arm\nfive,1,a\n", "row 2, column 'months': 'five' is not a number"),
        ("months,dead,arm\ntrue,1,a\n", "row 2, column 'months': 'true' is not a number"),
        ("months,dead,arm\ninf,1,a\n", "row 2, column 'months': 'inf' is not finite"),
        ("months,dead,arm\n5,2,a\n", "row 2, column 'dead': 2 is neither 0 nor 1"),
        ("months,dead,arm\n5,yes,a\n", "row 2, column 'dead': 'yes' is not a number"),
        ("months,dead,arm\n5,0,a\n6,0,b\n", "column 'dead': no subject has the event"),
        ("months,dead,arm\n5,1,a\n6,0,a\n", r"column 'arm': holds one group only \('a'\)"),
        ("months,dead,arm\n5,1,\n6,0,\n", "column 'arm': every value is missing"),
        ("months,dead,arm\n5,1,a,9\n", "cannot be read as CSV"),
        (b"months,dead,arm\n5,1,\xe9\n", "line 2: byte 0xe9 is not UTF-8"),
        (b"months,dead,arm\n5,1,\x00\n", "holds a null character"),
        (
            "months,dead,arm\n" + "".join(f"{k},1,g{k}\n" for k in range(30)),
            "column 'arm': holds 30 groups",
        ),
    ],
)
def test_what_is_wrong_with_a_file(tmp_path, text, message):
    with pytest.raises(InputError, match=message):
        read(write(tmp_path, text))


@pytest.mark.parametrize("name", ["t.csv", "t.parquet"])
def test_no_such_file(tmp_path, name):
    with pytest.raises(InputError, match="there is no such file"):
        read(tmp_path / name)


@pytest.mark.parametrize("name", ["t.xlsx", "t"])
def test_other_endings(tmp_path, name):
    with pytest.raises(InputError, match=r"Give a \.csv or \.parquet file"):
        read(write(tmp_path, GOOD, name))


def test_a_parquet_file_that_is_none(tmp_path):
    with pytest.raises(InputError, match="cannot be read as PARQUET"):
        read(write(tmp_path, GOOD, "t.parquet"))


def test_a_group_that_is_no_label(tmp_path):
    path = tmp_path / "t.parquet"
    pl.DataFrame({"months": [1, 2], "dead": [1, 1], "arm": [[1], [2]]}).write_parquet(path)
    with pytest.raises(InputError, match="Give text or numbers"):
        read(path)


def test_one_group_is_no_error_when_none_is_asked_for(tmp_path):
    table = read(write(tmp_path, GOOD), group=None)
    result = compare(table).to_dict()
    assert list(result["groups"]) == ["all"]
    assert result["logrank"] is None
    assert result["hazard_ratio"] is None
    assert result["reference"] is None


def test_the_example():
    table = example_table("colon")
    assert (len(table.time), int(table.event.sum())) == (929, 452)
    assert compare(table).groups.labels == ("Obs", "Lev", "Lev+5FU")
    with pytest.raises(InputError, match="Did you mean 'colon'"):
        example_table("colom")


@pytest.mark.parametrize(
    ("last", "unit", "times"),
    [
        (73, "months", [0, 12, 24, 36, 48, 60, 72]),
        (3329, "days", [0, 730, 1460, 2190, 2920]),
        (61, "as in the file", [0, 10, 20, 30, 40, 50, 60]),
        (0.7, "years", [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7]),
        (0, "days", [0]),
    ],
)
def test_round_times(last, unit, times):
    assert round_times(last, unit) == times


WIDE = """\
months,dead,arm,start,w,site,age,grade
5,1,b,0,1,x,60,low
7,0,a,1,0,,70,NA
9,1,a,2,2.5,y,.,high
11,1,b,3,1,y,55,low
"""


def wide(folder, text=WIDE, **columns):
    path = write(folder, text)
    return read_table(path, time="months", event="dead", group="arm", **columns)


def test_entry_weights_strata_and_covariates(tmp_path):
    table = wide(tmp_path, entry="start", weights="w", strata=["site"], covariates=["age", "grade"])
    assert table.entry.to_list() == [0, 2, 3]
    assert table.weights.to_list() == [1, 2.5, 1]
    assert table.strata["site"].to_list() == ["x", "y", "y"]
    assert table.covariates["age"].to_list() == [60, None, 55]
    assert table.covariates["grade"].to_list() == ["low", "high", "low"]
    reasons = [(each.reason, each.count) for each in table.exclusions]
    assert reasons == [("the stratum 'site' is missing", 1)]


def test_a_weight_of_0_is_left_out_and_counted(tmp_path):
    table = wide(tmp_path, weights="w", covariates=["age"])
    assert table.time.to_list() == [5, 9, 11]
    assert table.event.to_list() == [True, True, True]
    assert table.group.to_list() == ["b", "a", "b"]
    assert table.covariates["age"].to_list() == [60, None, 55]
    assert [(each.reason, each.count) for each in table.exclusions] == [("the weight is 0", 1)]


def test_causes(tmp_path):
    text = WIDE.replace("9,1,a", "9,2,a")
    assert wide(tmp_path, text, causes=True).cause.to_list() == [1, 0, 2, 1]
    assert wide(tmp_path, text, causes=True).event.to_list() == [True, False, True, True]


@pytest.mark.parametrize(
    ("old", "new", "columns", "message"),
    [
        ("7,0,a,1", "7,0,a,7", {"entry": "start"}, "row 3, column 'start': 7 is not below the row"),
        ("7,0,a,1", "7,0,a,", {"entry": "start"}, "row 3, column 'start': the value is missing"),
        ("2.5", "-2", {"weights": "w"}, "row 4, column 'w': -2 is negative"),
        ("2.5", "heavy", {"weights": "w"}, "row 4, column 'w': 'heavy' is not a number"),
        ("2.5", "inf", {"weights": "w"}, "row 4, column 'w': 'inf' is not finite"),
        ("7,0", "7,1.5", {"causes": True}, "row 3, column 'dead': 1.5 is no cause"),
        ("7,0", "7,-1", {"causes": True}, "row 3, column 'dead': -1 is no cause"),
        ("9,1", "9,2", {}, "row 4, column 'dead': 2 is neither 0 nor 1"),
        (",70,", ",inf,", {"covariates": ["age"]}, "row 3, column 'age': inf is not finite"),
        ("x", "x", {"strata": ["sites"]}, "no column 'sites'. Did you mean 'site'"),
        ("x", "x", {"covariates": ["ages"]}, "no column 'ages'. Did you mean 'age'"),
    ],
)
def test_what_is_wrong_with_a_further_column(tmp_path, old, new, columns, message):
    assert old in WIDE
    with pytest.raises(InputError, match=message):
        wide(tmp_path, WIDE.replace(old, new), **columns)


def test_columns_without_any_value(tmp_path):
    nothing = "months,dead,arm,w,site\n5,1,a,0,\n7,1,b,0,NA\n"
    with pytest.raises(InputError, match="column 'w': every weight is 0"):
        wide(tmp_path, nothing, weights="w")
    with pytest.raises(InputError, match="column 'site': every value is missing"):
        wide(tmp_path, nothing, strata=["site"])


def test_too_many_causes(tmp_path):
    text = "months,dead,arm\n" + "".join(f"{k},{k},{'ab'[k % 2]}\n" for k in range(30))
    with pytest.raises(InputError, match="holds 30 causes"):
        wide(tmp_path, text, causes=True)


def test_typed_columns_of_parquet(tmp_path):
    path = tmp_path / "t.parquet"
    frame = pl.DataFrame(
        {
            "months": [5, 7, 9],
            "dead": [True, False, True],
            "age": [1.0, float("nan"), 3.0],
            "male": [True, None, False],
            "grade": pl.Series(["low", None, "high"], dtype=pl.Enum(["low", "high"])),
        }
    )
    frame.write_parquet(path)
    names = ["age", "male", "grade"]
    table = read_table(path, time="months", event="dead", covariates=names)
    assert table.covariates["age"].to_list() == [1, None, 3]
    assert table.covariates["male"].to_list() == [1, None, 0]
    assert table.covariates["grade"].to_list() == ["low", None, "high"]


def test_the_example_has_further_columns():
    table = example_table("colon", strata=["sex"], covariates=["nodes"])
    assert set(table.strata["sex"].to_list()) == {0, 1}
    assert table.covariates["nodes"].null_count() == 18
    with pytest.raises(InputError, match=r"there is no column 'nods'\. Did you mean 'nodes'"):
        example_table("colon", covariates=["nods"])
