"""What is said about small tables: parts that go together, and messages where they do not."""

import pytest

from debulk import InputError
from debulk.core.files import json_text
from debulk.survival.comparison import compare
from debulk.survival.comparison.adjustment import read_adjustment
from debulk.survival.comparison.choices import read_test
from debulk.survival.tables import example_table, read_table

ROWS = """\
months,dead,arm,entry,w,site,age,why
5,1,a,0,1,x,60,1
7,1,b,1,2,x,70,2
8,0,a,0,1,y,65,0
9,1,a,2,1,y,55,2
11,1,b,0,0.5,x,,1
12,1,b,3,1,y,72,1
14,0,b,0,1,x,61,0
15,1,a,1,2,y,66,1
16,1,b,1,1,x,58,2
18,1,a,0,1,y,59,1
"""


@pytest.fixture
def read(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text(ROWS)

    def of(**columns):
        return read_table(path, **({"time": "months", "event": "dead", "group": "arm"} | columns))

    return of


def run(table, tests=(), adjust=None, **options):
    chosen = [read_test(text) for text in tests]
    adjustment = None if adjust is None else read_adjustment(adjust)
    return compare(table, tests=chosen, adjustment=adjustment, **options)


def test_every_test_is_reported_as_asked(read):
    asked = ["logrank", "peto", "gehan", "tarone-ware", "fh:0,1", "modest:9", "early-zero:6"]
    asked += ["max-combo", "rmst:12", "milestone:10", "median"]
    found = run(read(), asked).to_dict()["tests"]
    assert [each["asked"] for each in found] == asked
    assert all(0 <= each["p"] <= 1 for each in found[:8])
    assert found[0]["statistic"] == pytest.approx(run(read()).logrank.statistic, rel=1e-12)
    assert set(found[8]["contrasts"]) == {"b"}
    assert found[9]["contrasts"]["b"]["p"] is not None


def test_milestones_are_differences_of_the_curves(read):
    found = run(read(), ["milestone:10"])
    curves = found.curves
    difference = found.tests[0].contrasts["b"].estimate
    assert difference == pytest.approx(float(curves["b"].at(10) - curves["a"].at(10)))


@pytest.mark.parametrize(
    ("test", "columns", "message"),
    [
        ("logrank", {"weights": "w"}, "'logrank' does not take weights"),
        ("median", {"weights": "w"}, "'median' does not take weights"),
        ("median", {"entry": "entry"}, "'median' does not take entry times"),
        ("gray", {}, "compares incidences of competing causes"),
        ("gray", {"event": "why", "causes": True, "entry": "entry"}, "does not take entry times"),
        ("gray", {"event": "why", "causes": True, "weights": "w"}, "does not take weights"),
        ("milestone:99", {}, "99 lies beyond 16, the smallest last time"),
        ("rmst:99", {}, "99 is not above 0 and up to 16"),
        ("logrank", {"group": None}, "'logrank' compares groups"),
    ],
)
def test_a_test_that_does_not_go_with_the_table(read, test, columns, message):
    with pytest.raises(InputError, match=message):
        run(read(**columns), [test])


def test_max_combo_compares_two_groups():
    with pytest.raises(InputError, match="compares two groups, not 3"):
        run(example_table("colon"), ["max-combo"])


def test_weights_leave_out_the_rank_test_and_say_so(read):
    found = run(read(weights="w"))
    answer = found.to_dict()
    assert answer["logrank"] is None
    assert answer["tests"][0]["test"] == "robust Wald test of the weighted Cox model"
    assert "do not take weights" in answer["tests"][0]["note"]
    assert answer["at_risk"]["groups"]["b"][0] == 5.5
    names = {each["name"]: each for each in answer["provenance"]["parameters"]}
    assert names["variance"]["status"] == "derived"


def test_a_landmark_counts_whom_it_leaves_out(read):
    answer = run(read(entry="entry"), landmark=7.5).to_dict()
    assert answer["landmark"]["before"] == 10
    assert answer["landmark"]["after"] == 8
    reasons = [(each["reason"], each["count"]) for each in answer["provenance"]["exclusions"]]
    assert reasons == [("had the event before 7.5", 2)]
    assert answer["n"] == 8
    assert answer["groups"]["a"]["median"] == pytest.approx(7.5)


@pytest.mark.parametrize(
    ("at", "message"),
    [(0, "is not above 0"), (float("nan"), "is not above 0"), (99, "nobody is at risk")],
)
def test_a_landmark_that_leaves_nobody(read, at, message):
    with pytest.raises(InputError, match=message):
        run(read(), landmark=at)


def test_a_landmark_after_the_last_event(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("t,e\n1,1\n5,0\n6,0\n")
    with pytest.raises(InputError, match="nobody has the event after 4"):
        run(read_table(path, time="t", event="e"), landmark=4)


def test_missing_covariates_are_counted_and_leave_the_rest_alone(read):
    found = run(read(covariates=["age"]), adjust="age")
    assert found.to_dict()["n"] == 10
    assert found.adjusted.n == 9
    reason = "the covariate 'age' is missing (adjusted model only)"
    assert [each.reason for each in found.provenance.exclusions] == [reason]
    assert list(found.adjusted.hazard_ratios) == ["arm[T.b]", "age"]
    assert list(found.adjusted.unadjusted) == ["b"]
    assert [row["term"] for row in found.adjusted.proportionality][-1] == "GLOBAL"


def test_a_model_without_groups(read):
    found = run(read(group=None, covariates=["age", "site"]), adjust="age,site")
    assert list(found.adjusted.hazard_ratios) == ["age", "site[T.y]"]
    assert found.adjusted.unadjusted == {}


@pytest.mark.parametrize(
    ("columns", "adjust", "message"),
    [
        ({"covariates": ["arm"]}, "arm", "is the column of the groups"),
        ({"covariates": ["site"], "strata": ["site"]}, "site", "is a stratum"),
    ],
)
def test_an_adjustment_that_does_not_go_with_the_table(read, columns, adjust, message):
    with pytest.raises(InputError, match=message):
        run(read(**columns), adjust=adjust)


def test_a_formula_names_the_groups_by_a_plain_name(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("t,e,the arm,age\n1,1,a,50\n2,1,b,60\n3,1,a,70\n4,1,b,55\n")
    table = read_table(path, time="t", event="e", group="the arm", covariates=["age"])
    assert list(run(table, adjust="age").adjusted.hazard_ratios) == ["the arm[T.b]", "age"]
    with pytest.raises(InputError, match="cannot name the groups' column 'the arm'"):
        run(table, adjust="log(age)")


def test_firth_is_finite_where_events_are_separated(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("t,e,arm,mark\n1,1,a,1\n2,1,b,1\n3,1,a,1\n4,0,b,0\n5,0,a,0\n6,0,b,0\n")
    table = read_table(path, time="t", event="e", group="arm", covariates=["mark"])
    with pytest.raises(InputError, match="Add --firth"):
        run(table, adjust="mark")
    found = run(table, adjust="mark", firth=True).adjusted.hazard_ratios["mark"]
    assert 1 < found.estimate < 1000
    assert "Firth" in found.note


def test_competing_causes_count_each_cause(read):
    found = run(read(event="why", causes=True), ["gray"])
    answer = found.to_dict()
    assert answer["events"] == 5
    assert answer["competing"]["events_by_cause"] == {"a": {"1": 3, "2": 1}, "b": {"1": 2, "2": 2}}
    assert answer["rmst_difference"] is None
    assert answer["hazard_ratio"]["estimate"] is not None
    assert json_text(answer)


def test_incidence_that_reaches_half_has_a_time(read):
    found = run(read(event="why", causes=True, group=None), cause=1)
    half, lower, upper = found.time_to_half("all")
    curve = found.competing.curves["all"][1]
    assert curve.at(half) >= 0.5
    assert lower <= half
    assert upper != upper or upper >= half


def test_strata_and_entry_rule_out_fine_and_gray_and_say_so(read):
    found = run(read(event="why", causes=True, strata=["site"])).competing
    assert found.subdistribution == {}
    assert found.gray is not None
    assert "is not offered with strata" in found.remarks[0]
    found = run(read(event="why", causes=True, entry="entry")).competing
    assert found.gray is None
    assert len(found.remarks) == 2


def test_a_cause_that_nobody_has(read):
    with pytest.raises(InputError, match=r"nobody has cause 3\. Give --cause one of 1, 2"):
        run(read(event="why", causes=True), cause=3)


def test_one_cause_alone_is_said(read):
    found = run(read(causes=True))
    assert "No other cause than 1 occurs" in found.competing.remarks[-1]


def test_what_was_asked_is_in_the_provenance(read):
    table = read(strata=["site"], covariates=["age"], entry="entry")
    found = run(table, ["milestone:9"], adjust="age", tau=12, landmark=2, firth=True)
    names = {each.name: each for each in found.provenance.parameters}
    wanted = {
        "column.strata": ["site"],
        "column.entry": "entry",
        "column.covariates": ["age"],
        "tests": ["milestone:9"],
        "adjust": "age",
        "landmark": 2,
        "tau": 12,
    }
    assert {name: names[name].value for name in wanted} == wanted
    assert {names[name].status for name in wanted} == {"chosen"}
    assert names["firth"].status == "chosen"
