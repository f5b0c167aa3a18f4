"""What `debulk trial design` refuses: one clear message that names the option or the line."""

import builtins
import importlib.util

import pytest
from typer.testing import CliRunner

from debulk.cli.app import app
from debulk.core.errors import InputError

RUN = CliRunner()
BASE = {
    "--hazard-ratio": "0.75",
    "--median-control": "18",
    "--power": "0.9",
    "--accrual": "60",
    "--follow-up": "24",
}


def run(*arguments):
    return RUN.invoke(app, ["trial", "design", *arguments])


def changed(changes):
    """The words of a good call with some options changed, or left out (None)."""
    merged = {name: value for name, value in {**BASE, **changes}.items() if value is not None}
    return [f"{name}={value}" if value is not True else name for name, value in merged.items()]


REFUSED = [
    ({"--alpha": "0"}, "--alpha", "not between 0 and 1"),
    ({"--alpha": "1"}, "--alpha", "not between 0 and 1"),
    ({"--alpha": "-0.1"}, "--alpha", "not between 0 and 1"),
    ({"--alpha": "nan"}, "--alpha", "no finite number"),
    ({"--power": "0"}, "--power", "not between 0 and 1"),
    ({"--power": "1"}, "--power", "not between 0 and 1"),
    ({"--power": "0.01"}, "--power", "not above"),
    ({"--power": "inf"}, "--power", "no finite number"),
    ({"--sided": "3"}, "--sided", "neither 1 nor 2"),
    ({"--hazard-ratio": "1"}, "--hazard-ratio", "null hypothesis itself"),
    ({"--hazard-ratio": "1.2"}, "--hazard-ratio", "wrong side"),
    ({"--hazard-ratio": "0"}, "--hazard-ratio", "0"),
    ({"--hazard-ratio": "-0.5"}, "--hazard-ratio", "-0.5"),
    ({"--hazard-ratio": "nan"}, "--hazard-ratio", "no number"),
    ({"--hazard-ratio": ""}, "--hazard-ratio", "empty"),
    ({"--hazard-ratio": "0:1,6"}, "--hazard-ratio", "'6' is no START:VALUE"),
    ({"--hazard-ratio": "0:1,6:x"}, "--hazard-ratio", "'x' is no number"),
    ({"--hazard-ratio": "3:1,6:0.7"}, "--hazard-ratio", "month 3"),
    ({"--hazard-ratio": "0:1,6:0.7,6:0.5"}, "--hazard-ratio", "month 6"),
    ({"--hazard-ratio": "½"}, "--hazard-ratio", "no number"),
    ({"--hazard-ratio": "\u0660.\u0667"}, "--hazard-ratio", "no number"),
    ({"--hazard-ratio": "1e999"}, "--hazard-ratio", "too large"),
    ({"--null-ratio": "0.7"}, "--hazard-ratio", "wrong side"),
    ({"--null-ratio": "0"}, "--null-ratio", "not above 0"),
    ({"--null-ratio": "1.2", "--formula": "freedman"}, "--null-ratio", "freedman"),
    ({"--median-control": "0"}, "--median-control", "not above 0"),
    ({"--median-control": "-1"}, "--median-control", "not above 0"),
    ({"--median-control": "nan"}, "--median-control", "no finite number"),
    ({"--median-control": None, "--hazard-control": "0"}, "--hazard-control", "0"),
    ({"--accrual": ""}, "--accrual", "empty"),
    ({"--accrual": "0"}, "--accrual", "0"),
    ({"--accrual": "0:0"}, "--accrual", "nobody"),
    ({"--accrual": "0:-5"}, "--accrual", "-5"),
    ({"--accrual": "5:10"}, "--accrual", "month 5"),
    ({"--dropout": "1"}, "--dropout", "1"),
    ({"--dropout": "-0.1"}, "--dropout", "-0.1"),
    ({"--dropout": "0.1,0.2,0.3"}, "--dropout", "3 numbers"),
    ({"--dropout": "a"}, "--dropout", "'a' is no number"),
    ({"--allocation": "0"}, "--allocation", "no ratio"),
    ({"--allocation": "1:0"}, "--allocation", "no ratio"),
    ({"--allocation": "1:2:3"}, "--allocation", "no ratio"),
    ({"--formula": "east"}, "--formula", "'east'"),
    ({"--endpoint": " "}, "--endpoint", "empty"),
    ({"--looks": "0.7,0.5,1"}, "--looks", "does not rise"),
    ({"--looks": "0.5,0.5,1"}, "--looks", "does not rise"),
    ({"--looks": "0.5"}, "--looks", "last look"),
    ({"--looks": "0,1"}, "--looks", "0"),
    ({"--looks": "0.5,,1"}, "--looks", "empty"),
    ({"--looks": ",".join(str(k / 21) for k in range(1, 21)) + ",1"}, "--looks", "21 looks"),
    ({"--looks": "0.5,1", "--efficacy": "pocok"}, "--efficacy", "no rule 'pocok'"),
    ({"--looks": "0.5,1", "--efficacy": "kim-demets"}, "--efficacy", "needs its RHO"),
    ({"--looks": "0.5,1", "--efficacy": "kim-demets:0"}, "--efficacy", "not above 0"),
    ({"--looks": "0.5,1", "--efficacy": "pocock:1"}, "--efficacy", "takes no number"),
    ({"--efficacy": "pocock"}, "--efficacy", "no looks"),
    ({"--futility": "pocock"}, "--futility", "no looks"),
    ({"--binding": True}, "--binding", "no looks"),
    ({"--looks": "0.5,1", "--binding": True}, "--binding", "no futility rule"),
    ({"--looks": "0.5,1", "--harm": "pocock"}, "--harm", "spends no error"),
    ({"--looks": "0.5,1", "--harm-alpha": "0.1"}, "--harm-alpha", "no rule for harm"),
    ({"--looks": "0.5,1", "--harm": "spending-pocock", "--harm-alpha": "0"}, "--harm-alpha", "0"),
    ({"--looks": "0.5,1", "--harm": "spending-pocock", "--sided": "2"}, "--harm", "two-sided"),
    ({"--looks": "0.5,1", "--power": None, "--patients": "500", "--futility": "pocock"},
     "--futility", "none is given"),
    ({"--patients": "500"}, "--power", "given: power, patients, follow_up"),
    ({"--patients": "0", "--power": None}, "--patients", "0"),
    ({"--patients": "-3", "--power": None}, "--patients", "-3"),
    ({"--follow-up": "-1"}, "--follow-up", "-1"),
    ({"--hazard-ratio": None, "--gain-months": "0"}, "--gain-months", "0"),
    ({"--hazard-ratio": None, "--gain-months": "-6"}, "--gain-months", "-6"),
    ({"--front-median": "18"}, "--front-median", "no gain"),
    ({"--not-treated": "1.5"}, "--not-treated", "1.5"),
    ({"--not-treated": "1"}, "--not-treated", "nothing of the effect is left"),
    ({"--crossover": "-0.1"}, "--crossover", "-0.1"),
    ({"--hazard-ratio": "0:1,6:0.7", "--crossover": "0.1"}, "--crossover", "one hazard ratio"),
    ({"--median-control": None, "--stratum": "a:0.5"}, "--stratum", "no stratum"),
    ({"--median-control": None, "--stratum": ":1:20"}, "--stratum", "no stratum"),
    ({"--median-control": None, "--stratum": "a:0.5:20"}, "--stratum", "sum to 0.5"),
    ({"--median-control": None, "--stratum": "a:1:0"}, "--stratum", "median"),
    ({"--test": "foo"}, "--test", "no test 'foo'"),
    ({"--test": "rmst"}, "--test", "takes 1 number"),
    ({"--test": "logrank:1"}, "--test", "takes 0 numbers"),
    ({"--test": "rmst:x"}, "--test", "'x' is no number"),
    ({"--test": "rmst:500"}, "--test", "500 months"),
    ({"--test": "rmst:36", "--looks": "0.5,1"}, "--looks", "not offered"),
    ({"--test": "max-combo", "--null-ratio": "1.1"}, "--null-ratio", "not offered"),
    ({"--test": "max-combo", "--simulate": "100"}, "--simulate", "not offered"),
    ({"--test": "max-combo", "--follow-up": None, "--patients": "500"}, "--follow-up", "needed"),
    ({"--test": "one-sample", "--allocation": "2"}, "--allocation", "one arm"),
    ({"--simulate": "0"}, "--simulate", "0 trials"),
    ({"--simulate": "100", "--seed": "-1"}, "--seed", "-1"),
    ({"--plot": "x.gif"}, "--plot", "'x.gif'"),
    ({"--docx": "x.doc"}, "--docx", "'x.doc'"),
    ({"--write-yaml": "x.json"}, "--write-yaml", "'x.json'"),
    ({"--plot": "no/such/folder/x.svg"}, "--plot", "no folder"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "where", "found"), REFUSED)
def test_wrong_input_names_its_option(changes, where, found):
    result = run(*changed(changes))
    assert isinstance(result.exception, InputError), (result.exception, result.output)
    assert where in result.exception.where
    assert found in result.exception.found
    assert result.exception.remedy
    assert result.stdout == ""


UNREACHABLE = [
    (("--accrual", "0:5,12:0", "--patients", "300"), "--accrual", "60.0 patients by month 12"),
    (("--accrual", "24", "--patients", "300"), "--power", "at most 300.0 are expected"),
    (("--accrual", "24", "--patients", "300", "--dropout", "0.2"), "--power", "by month"),
]


@pytest.mark.parametrize(("arguments", "where", "found"), UNREACHABLE)
def test_what_cannot_be_reached_says_how_many_can_and_when(arguments, where, found):
    result = run("--hazard-ratio", "0.75", "--median-control", "18", "--power", "0.9", *arguments)
    assert isinstance(result.exception, InputError)
    assert where in result.exception.where
    assert found in result.exception.found


USAGE = [
    ({"--hazard-ratio": None}, "--hazard-ratio HR"),
    ({"--median-control": None}, "--median-control MONTHS"),
    ({"--accrual": None}, "--accrual MONTHS"),
    ({"--power": None}, "--power 0.9"),
    ({"--gain-months": "6"}, "exclude each other"),
    ({"--hazard-control": "0.04"}, "exclude each other"),
    ({"--stratum": "a:1:20"}, "exclude each other"),
    ({"--whole": True, "--exact": True}, "exclude each other"),
    ({"--seed": "3"}, "--simulate"),
    ({"--sided": "one"}, "--sided"),
    ({"--power": "high"}, "--power"),
    ({"--unknown": "1"}, "--unknown"),
]


@pytest.mark.parametrize(("changes", "words"), USAGE)
def test_wrong_usage_ends_with_status_2(changes, words):
    result = run(*changed(changes))
    assert result.exit_code == 2
    assert words in " ".join(result.stderr.replace("│", " ").split())
    assert result.stdout == ""


GOOD = "hazard_ratio: 0.75\nmedian_control: 18\naccrual: 60\npower: 0.9\nfollow_up: 24\n"
FILES = [
    ("", "line 1", "not a mapping"),
    ("- a\n- b\n", "line 1", "not a mapping"),
    ("3\n", "line 1", "not a mapping"),
    ("a: [1\n", "line", "not YAML"),
    (GOOD + "hazzard_ratio: 1\n", "line 6, hazzard_ratio", "not known"),
    (GOOD + "power: 0.8\n", "line 6", "comes twice"),
    (GOOD + "alpha: high\n", "line 6, alpha", "'high' is no number"),
    (GOOD + "alpha: true\n", "line 6, alpha", "true"),
    (GOOD + "alpha: .nan\n", "line 6, alpha", "no finite number"),
    (GOOD + "alpha:\n", "line 6, alpha", "no value"),
    (GOOD + "alpha: 2\n", "line 6, alpha", "not between 0 and 1"),
    (GOOD + "sided: 1.5\n", "line 6, sided", "no whole number"),
    (GOOD + "binding: 1\n", "line 6, binding", "found 1"),
    (GOOD + "looks: {a: 1}\n", "line 6, looks", "found {"),
    (GOOD + "looks: [0.7, 0.5, 1]\n", "line 6, looks", "does not rise"),
    (GOOD + "looks: []\n", "line 6, looks", "found []"),
    (GOOD + "looks: '0.5, 1'\nefficacy: pocok\n", "line 7, efficacy", "no rule"),
    (GOOD + "dropout: [0.1, [2]]\n", "line 6, dropout", "found ["),
    (GOOD + "endpoint: ''\n", "line 6, endpoint", "empty"),
    (GOOD + "hazard_control: 0.04\n", "line 6, hazard_control", "exclude each other"),
    (GOOD + "1: 2\n", "line 6", "not known"),
    (GOOD + "file: x.yaml\n", "line 6, file", "not known"),
    (GOOD + "x: &a 1\ny: *a\n", "line", "alias"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "where", "found"), FILES)
def test_a_wrong_file_names_its_line(text, where, found, tmp_path):
    path = tmp_path / "plan.yaml"
    path.write_text(text, encoding="utf-8")
    result = run("--file", str(path))
    assert isinstance(result.exception, InputError), (result.exception, result.output)
    assert "plan.yaml" in result.exception.where
    assert where in result.exception.where
    assert found in result.exception.found


def test_a_file_that_is_missing_or_not_text(tmp_path):
    result = run("--file", str(tmp_path / "no.yaml"))
    assert isinstance(result.exception, InputError)
    (tmp_path / "b.yaml").write_bytes(b"\xff\xfe\x00")
    result = run("--file", str(tmp_path / "b.yaml"))
    assert isinstance(result.exception, InputError)


@pytest.mark.parametrize(
    ("flag", "name", "module", "extra"),
    [
        ("--docx", "x.docx", "docx", "debulk[documents]"),
        ("--plot", "x.svg", "vl_convert", "debulk[figures]"),
    ],
)
def test_without_an_extra_the_message_names_it(monkeypatch, tmp_path, flag, name, module, extra):
    found = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda each: None if each == module else found(each)
    )
    result = run(*changed({flag: str(tmp_path / name)}))
    assert isinstance(result.exception, InputError)
    assert flag in result.exception.where
    assert extra in result.exception.remedy
    assert not (tmp_path / name).exists()


def test_the_document_itself_says_so_too(monkeypatch, tmp_path):
    from debulk.reports.design.document import write_document

    real = builtins.__import__

    def without(name, *arguments, **named):
        if name == "docx":
            raise ModuleNotFoundError(name)
        return real(name, *arguments, **named)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(InputError, match=r"debulk\[documents\]"):
        write_document(tmp_path / "x.docx", {}, None)
