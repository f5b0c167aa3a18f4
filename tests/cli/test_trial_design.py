"""`debulk trial design` from the outside: numbers, options, files, and the command it gives."""

import json
import math
import shlex
import subprocess
import sys
from itertools import pairwise

import pytest
import yaml
from typer.testing import CliRunner

from debulk.cli.app import app

RUN = CliRunner()
BASE = ("--hazard-ratio", "0.75", "--median-control", "18", "--accrual", "60")
SIZED = (*BASE, "--power", "0.9", "--follow-up", "24")
LOOKS = (*SIZED, "--looks", "0.5,0.75,1")
FULL = (
    *LOOKS, "--dropout", "0.05", "--futility", "hwang-shih-decani:-4", "--harm", "spending-pocock",
)  # fmt: skip
LOOK_KEYS = {
    "information",
    "events",
    "month",
    "efficacy_z",
    "futility_z",
    "critical_hazard_ratio",
}


def run(*arguments):
    return RUN.invoke(app, ["trial", "design", *arguments])


def answer(*arguments):
    result = run(*arguments, "--json")
    assert result.exit_code == 0, f"{result.stderr} {result.exception}"
    return json.loads(result.stdout)


def test_the_keys_of_the_contract():
    found = answer(*FULL)
    assert {"events", "patients", "duration_months", "power", "looks"} <= set(found)
    assert all(set(look) >= LOOK_KEYS for look in found["looks"])
    assert [look["information"] for look in found["looks"]] == pytest.approx([0.5, 0.75, 1.0])
    assert found["provenance"]["version"]


def test_one_look_by_schoenfeld_by_hand():
    # (1.959964 + 1.281552)^2 x 4 / log(0.75)^2
    found = answer(*SIZED)
    assert found["events"] == pytest.approx(4 * 3.2415155**2 / math.log(0.75) ** 2, rel=1e-6)
    (look,) = found["looks"]
    ratio = math.exp(-2 * look["efficacy_z"] / math.sqrt(found["events"]))
    assert look["critical_hazard_ratio"] == pytest.approx(ratio, rel=1e-12)
    assert look["efficacy_z"] == pytest.approx(1.959963985, abs=1e-8)
    assert look["futility_z"] is None


def test_the_boundaries_of_the_east_case():
    # East 6.5, as stated in the issue of this part: HR 0.6, information 176/235.
    found = answer(
        "--hazard-ratio", "0.6", "--median-control", "12", "--alpha", "0.0125", "--events", "235",
        "--follow-up", "12", "--accrual", "24", "--looks", f"{176 / 235!r},1",
    )  # fmt: skip
    assert [look["efficacy_z"] for look in found["looks"]] == pytest.approx(
        [2.66062, 2.27985], abs=1e-5
    )


def test_whole_numbers_and_the_power_they_give():
    both, whole, exact = answer(*FULL), answer(*FULL, "--whole"), answer(*FULL, "--exact")
    assert both["events"] == both["solved"]["events"] == exact["events"]
    assert whole["events"] == both["whole"]["events"] == math.ceil(both["events"])
    assert whole["patients"] % 2 == 0 <= whole["patients"] - both["patients"] < 2
    assert whole["power"] == both["whole"]["power"] >= both["power"] == pytest.approx(0.9)
    assert all(look["events"] == round(look["events"]) for look in whole["looks"])
    assert (whole["shown"], exact["shown"], both["shown"]) == (
        ["whole"],
        ["solved"],
        ["solved", "whole"],
    )
    assert "as solved" in run(*FULL).stdout
    assert "as solved" not in run(*FULL, "--whole").stdout
    assert "whole numbers" not in run(*FULL, "--exact").stdout


REMADE = {
    "one look": SIZED,
    "everything": (*FULL, "--binding", "--harm-alpha", "0.05", "--whole"),
    "two-sided": (*LOOKS, "--sided", "2", "--alpha", "0.05", "--efficacy", "pocock"),
    "pieces": (
        "--hazard-ratio", "0:1,6:0.7", "--hazard-control", "0:0.05,12:0.03", "--accrual",
        "0:5,6:10", "--patients", "900", "--power", "0.8", "--dropout", "0.05,0.1", "--exact",
    ),
    "strata": (
        "--stratum", "liver alone:0.6:30:0.7", "--stratum", "Leber + Lunge é:0.4:20", "--accrual",
        "48", "--hazard-ratio", "0.8", "--power", "0.8", "--follow-up", "24",
    ),
    "margin": (
        "--hazard-ratio", "1", "--null-ratio", "1.25", "--median-control", "18", "--power", "0.8",
        "--accrual", "48", "--follow-up", "24",
    ),
    "gain": (
        "--gain-months", "6", "--front-median", "18", "--median-control", "27.5", "--power", "0.8",
        "--accrual", "60", "--follow-up", "24", "--allocation", "2:1", "--formula", "freedman",
    ),
    "diluted": (*SIZED, "--not-treated", "0.1", "--crossover", "0.05"),
    "endpoint": (*SIZED, "--endpoint", "survie sans progression \"d'été\""),
    "kim-demets": (*LOOKS, "--efficacy", "kim-demets:3", "--futility", "wang-tsiatis:-0.5"),
    "weighted": (*LOOKS, "--test", "fleming-harrington:0,1"),
}  # fmt: skip


@pytest.mark.parametrize("arguments", REMADE.values(), ids=REMADE)
def test_the_command_and_a_written_file_make_the_same_design_again(arguments, tmp_path):
    path = tmp_path / "plan é.yaml"
    first = answer(*arguments, "--write-yaml", str(path))
    words = shlex.split(first["command"])
    assert words[:3] == ["debulk", "trial", "design"]
    assert answer(*words[3:]) == first
    assert answer("--file", str(path)) == first


@pytest.mark.parametrize(
    ("arguments", "ratio"),
    [
        ((*SIZED, "--sided", "2", "--alpha", "0.05"), 1.0),
        ((*SIZED, "--allocation", "2"), 9 / 8),
        ((*SIZED, "--allocation", "2:1"), 9 / 8),
        ((*SIZED, "--alpha", "0.005"), (2.5758293 + 1.2815516) ** 2 / 3.2415155**2),
        ((*SIZED, "--power", "0.8"), (1.9599640 + 0.8416212) ** 2 / 3.2415155**2),
        ((*SIZED, "--formula", "freedman"), (math.log(0.75) * 1.75 / 0.25) ** 2 / 4),
    ],
)
def test_options_that_change_the_events_do_so_by_the_formula(arguments, ratio):
    assert answer(*arguments)["events"] / answer(*SIZED)["events"] == pytest.approx(ratio, 1e-6)


@pytest.mark.parametrize(
    ("given", "follows"),
    [
        (("--power", "0.9", "--patients", "800"), "duration_months"),
        (("--events", "400", "--patients", "800"), "power"),
        (("--events", "400", "--follow-up", "12"), "patients"),
        (("--patients", "800", "--follow-up", "12"), "power"),
    ],
)
def test_two_of_the_sizes_give_the_third(given, follows):
    found = answer(*BASE, *given)
    assert found[follows] > 0
    for name, value in zip(given[::2], given[1::2], strict=True):
        key = {"--follow-up": "follow_up_months"}.get(name, name[2:])
        assert found[key] == pytest.approx(float(value), rel=1e-9)


RULES = (
    "obrien-fleming", "pocock", "spending-obrien-fleming", "spending-pocock", "kim-demets:2",
    "hwang-shih-decani:-4", "wang-tsiatis:0.25", "haybittle-peto:3",
)  # fmt: skip


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_keeps_alpha_and_has_words(rule):
    found = answer(*LOOKS, "--efficacy", rule)
    assert found["boundaries"]["alpha_spent"][-1] == pytest.approx(0.025, abs=1e-9)
    assert found["whole"]["null_world"]["benefit"] == pytest.approx(0.025, abs=1e-8)
    text = found["paragraphs"][1]["text"]
    assert text.startswith("Two interim analyses are planned")
    assert "{}" not in text


@pytest.mark.parametrize("rule", ["spending-pocock", "kim-demets:2", "wang-tsiatis:0"])
def test_futility_binding_or_not(rule):
    loose, bound = (answer(*LOOKS, "--futility", rule, *flag) for flag in ((), ("--binding",)))
    assert loose["looks"][0]["futility_z"] < loose["looks"][0]["efficacy_z"]
    assert loose["power"] == pytest.approx(0.9, abs=1e-9)
    assert bound["looks"][-1]["efficacy_z"] < loose["looks"][-1]["efficacy_z"]
    assert "non-binding" in loose["paragraphs"][1]["text"]
    assert "is binding" in bound["paragraphs"][1]["text"]
    # The null world: with futility followed, only a binding one leaves all of alpha.
    assert loose["solved"]["null_world"]["benefit"] < 0.025 - 1e-4
    assert bound["solved"]["null_world"]["benefit"] == pytest.approx(0.025, abs=1e-8)


def test_harm_has_an_error_of_its_own():
    found = answer(*LOOKS, "--harm", "spending-pocock", "--harm-alpha", "0.05")
    rows = found["solved"]["null_world"]["looks"]
    assert sum(row["harm"] for row in rows) == pytest.approx(0.05, abs=2e-4)
    assert sum(row["efficacy"] for row in rows) == pytest.approx(0.025, abs=2e-4)
    total = sum(value for row in rows for value in row.values())
    assert total + found["solved"]["null_world"]["none"] == pytest.approx(1.0, abs=1e-12)
    assert all(look["harm_z"] < 0 and look["harm_hazard_ratio"] > 1 for look in found["looks"])
    assert "For harm the trial stops" in found["paragraphs"][1]["text"]


def test_the_lesson_of_orchestra():
    found = answer(*REMADE["gain"])
    front, randomised = found["goal"]["rows"]
    assert front["hazard_ratio"] == pytest.approx(0.75)
    assert randomised["hazard_ratio"] == pytest.approx(27.5 / 33.5)
    assert found["hazard_ratio"] == [[0.0, pytest.approx(27.5 / 33.5)]]
    page = run(*REMADE["gain"]).stdout
    for words in ("front of the funnel", "0.7500", "0.8209", "A gain of 6 months"):
        assert words in page


def test_dilution_shows_the_ratio_before_and_after():
    found = answer(*REMADE["diluted"])
    assert found["planned_hazard_ratio"] == 0.75
    assert 0.75 < found["hazard_ratio"][0][1] == found["dilution"]["cox_limit"] < 1
    assert found["events"] > answer(*SIZED)["events"] * 1.3
    page = run(*REMADE["diluted"]).stdout
    assert "planned, treated as assigned" in page
    assert "as randomised (used)" in page
    nobody = answer(*SIZED, "--not-treated", "0", "--crossover", "0")
    assert nobody["events"] == pytest.approx(answer(*SIZED)["events"], rel=1e-8)


def test_dilution_follows_an_end_that_is_solved():
    found = answer(*BASE, "--power", "0.8", "--patients", "500", "--crossover", "0.05")
    again = answer(
        *BASE, "--power", "0.8", "--crossover", "0.05", "--follow-up",
        repr(found["follow_up_months"]),
    )  # fmt: skip
    assert again["patients"] == pytest.approx(500, rel=1e-6)


def test_strata_have_their_own_ratios():
    found = answer(*REMADE["strata"])
    assert [each["name"] for each in found["strata"]] == ["liver alone", "Leber + Lunge é"]
    assert [each["hazard_ratio"] for each in found["strata"]] == [[[0.0, 0.7]], [[0.0, 0.8]]]
    assert "stratified by liver alone and Leber + Lunge é" in found["paragraphs"][0]["text"]
    assert any("averaged" in each for each in found["provenance"]["remarks"])


def test_a_margin_has_a_null_world_of_its_own():
    found = answer(*REMADE["margin"])
    assert found["solved"]["null_world"]["benefit"] == pytest.approx(0.8, abs=1e-9)
    assert found["looks"][0]["efficacy_null"] == pytest.approx(0.025, abs=1e-9)
    assert "Non-inferiority" in found["paragraphs"][0]["text"]
    assert "margin of 1.25" in found["paragraphs"][-1]["text"]


TESTS = {
    "fleming-harrington:0,1": ("--looks", "0.6,1"),
    "max-combo": ("--looks", "0.6,1"),
    "rmst:36": (),
    "milestone:36": (),
    "average-hazard-ratio": ("--looks", "0.6,1", "--futility", "kim-demets:3"),
    "one-sample": (),
}
LATE = ("--hazard-ratio", "0:1,3:0.7", "--median-control", "18", "--accrual", "36", "--power",
        "0.8", "--follow-up", "24")  # fmt: skip


@pytest.mark.parametrize(("test", "more"), TESTS.items(), ids=TESTS)
def test_other_tests_have_the_keys_of_the_contract(test, more):
    found = answer(*LATE, "--test", test, *more)
    assert found["test"] == test
    assert found["power"] == pytest.approx(0.8, abs=1e-4)
    assert all(set(look) >= LOOK_KEYS for look in found["looks"])
    assert found["whole"]["patients"] == math.ceil(found["patients"])
    assert found["whole"]["power"] >= 0.8 - 1e-4
    page = run(*LATE, "--test", test, *more)
    assert page.exit_code == 0
    assert "For the statistics section" in page.stdout


def test_a_late_effect_wants_a_late_weight():
    later = (*LATE, "--hazard-ratio", "0:1,12:0.6")
    log_rank = answer(*later, "--test", "average-hazard-ratio")["patients"]
    assert answer(*later, "--test", "fleming-harrington:0,1")["patients"] < log_rank


@pytest.mark.slow
def test_a_simulation_agrees_within_its_error():
    # 4 standard errors and 0.01 for the asymptotic formulas.
    found = answer(*FULL, "--simulate", "4000", "--seed", "7")
    rows = found["simulation"]["comparison"]
    assert len(rows) == 8
    for row in rows:
        error = 4 * row["monte_carlo_error"] + 0.01
        assert abs(row["simulated"] - row["analytic"]) < error, row
    assert found["simulation"]["seed"] == found["provenance"]["seed"] == 7
    assert "Monte Carlo standard error" in found["paragraphs"][3]["text"]


def test_the_command_that_a_simulated_design_names_repeats_it():
    found = answer(*FULL, "--simulate", "200", "--seed", "7")
    words = shlex.split(found["command"])
    assert answer(*words[3:]) == found


def test_flags_win_over_a_file_and_over_its_alternatives(tmp_path):
    path = tmp_path / "plan.yaml"
    path.write_text(
        "hazard_ratio: 0.75\nhazard_control: 0.05\naccrual: [[0, 5], [6, 10]]\npower: 0.8\n"
        "follow_up: 12\nlooks: [0.5, 1]\ndropout: [0.05, 0.1]\nbinding: false\n"
    )
    own = answer("--file", str(path))
    assert own["hazard_control"] == [[0.0, 0.05]]
    assert len(own["looks"]) == 2
    assert own["dropout"]["control"] == pytest.approx(0.1)
    other = answer("--file", str(path), "--median-control", "18", "--power", "0.9")
    assert other["medians"]["control"] == pytest.approx(18)
    assert other["power"] == pytest.approx(0.9)
    gain = answer("--file", str(path), "--gain-months", "6")
    assert gain["goal"] is not None


def test_strata_in_a_file(tmp_path):
    path = tmp_path / "plan.yaml"
    path.write_text(
        "stratum:\n  - liver:0.6:30:0.7\n  - {name: lung, share: 0.4, median: 20}\n"
        "hazard_ratio: 0.8\naccrual: 48\npower: 0.8\nfollow_up: 24\n"
    )
    assert [each["share"] for each in answer("--file", str(path))["strata"]] == [0.6, 0.4]


def test_everything_in_a_folder(tmp_path):
    folder = tmp_path / "out"
    result = run(*FULL, "--out", str(folder), "--json")
    assert result.exit_code == 0, result.exception
    names = {path.name for path in folder.iterdir()}
    assert names == {f"design.{kind}" for kind in ("json", "yaml", "md", "html", "docx", "svg",
                                                    "pdf", "png")}  # fmt: skip
    assert json.loads((folder / "design.json").read_text()) == json.loads(result.stdout)
    assert yaml.safe_load((folder / "design.yaml").read_text())["looks"] == "0.5,0.75,1"
    assert str(folder / "design.html") in result.stderr.replace("\n", "")


def test_json_is_alone_on_standard_output_and_holds_no_nan(tmp_path):
    result = run(*FULL, "--json", "--plot", str(tmp_path / "x.svg"))
    assert json.loads(result.stdout)["events"] > 0
    assert "NaN" not in result.stdout
    assert "Written" in result.stderr
    assert (tmp_path / "x.svg").read_text().startswith("<svg")


def test_parameters_are_chosen_default_or_derived():
    parameters = answer(*SIZED)["provenance"]["parameters"]
    status = {each["name"]: each["status"] for each in parameters}
    assert status["hazard_ratio"] == status["power"] == "chosen"
    assert status["alpha"] == status["allocation"] == status["formula"] == "default"
    assert status["events"] == status["patients"] == "derived"
    sources = {each["name"]: each["source"] for each in parameters}
    assert sources["hazard_ratio"] == sources["hazard_control"] == "assumption"
    assert answer(*SIZED, "--alpha", "0.025")["provenance"]["parameters"] != parameters


def test_the_program_itself_ends_with_status_1_and_one_line():
    command = "from debulk.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", command, "trial", "design", *SIZED, "--alpha", "0"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr == "debulk: --alpha: 0.0 is not between 0 and 1. Give 0.025.\n"


def test_a_weighted_test_has_pictures_and_one_arm_has_none(tmp_path):
    path = tmp_path / "x.svg"
    late = (*LATE, "--plot", str(path))
    assert run(*late, "--test", "rmst:36").exit_code == 0
    assert "calendar months" in path.read_text()
    path.unlink()
    yaml_path = tmp_path / "x.yaml"
    result = run(*late, "--test", "one-sample", "--write-yaml", str(yaml_path))
    assert "no picture" in str(result.exception)
    assert not path.exists()
    assert not yaml_path.exists()
    out = run(*LATE, "--test", "one-sample", "--out", str(tmp_path / "out"))
    assert out.exit_code == 0
    assert (tmp_path / "out" / "design.docx").is_file()
    assert not (tmp_path / "out" / "design.svg").exists()


def test_assumptions_of_another_test_are_called_so():
    parameters = answer(*LATE, "--test", "rmst:36")["provenance"]["parameters"]
    assumed = {each["name"] for each in parameters if each["source"] == "assumption"}
    assert assumed == {"hazard_ratio", "hazard_control", "accrual", "dropout"}


@pytest.mark.parametrize("formula", ["schoenfeld", "freedman", "lachin-foulkes"])
def test_the_power_curve_goes_through_the_design(formula):
    # A design of the same events and patients under another effect, asked for by itself.
    found = answer(*LOOKS, "--whole", "--formula", formula)
    rows = found["curves"]["power"]["rows"]
    assert all(before["power"] <= after["power"] for before, after in pairwise(rows))
    row = min(rows, key=lambda each: abs(each["hazard_ratio"] - 0.8))
    other = answer(
        "--hazard-ratio", repr(row["hazard_ratio"]), "--median-control", "18", "--accrual", "60",
        "--patients", repr(found["patients"]), "--events", repr(found["events"]), "--looks",
        ",".join(repr(look["information"]) for look in found["looks"]), "--formula", formula,
    )  # fmt: skip
    assert row["power"] == pytest.approx(other["power"], abs=1e-6)
