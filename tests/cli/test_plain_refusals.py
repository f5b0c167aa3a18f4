"""Are wrong numbers, dashes and interruptions told in plain words?"""

from __future__ import annotations

import pytest
import typer
from typer.testing import CliRunner

from debulk.cli import trial, trial_alternatives
from debulk.cli.app import app
from debulk.cli.plain_refusals import PlainGroup, naming_options
from debulk.core import InputError
from debulk.core.yaml_files import parse_yaml


def run(*arguments: str):
    return CliRunner().invoke(app, list(arguments))


def words(done) -> str:
    """What was printed, without frames and broken lines."""
    return " ".join(done.output.replace("\u2502", " ").split())


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (("trial", "design", "--power", "80%"), "'80%' is not a number. Write 0.8."),
        (("trial", "design", "--median-control", "27,5"), "'27,5' is not a number. Write 27.5."),
        (("trial", "run", "orchestra", "--trials", "1e3"), "'1e3' is not a whole number."),
        (("trial", "run", "orchestra", "--trials", "10,5"), "Give a whole number."),
        (("trial", "design", "\u2014power", "0.8"), "two hyphens"),
        (("trial", "show", "orchestra", "--yaml", "--json"), "leave out --json"),
        (("trial", "show", "orchestra", "--yaml", "--set", "a=1"), "leave out --set"),
    ],
)
def test_wrong_usage_shows_what_was_typed(arguments, part) -> None:
    done = run(*arguments)
    assert done.exit_code == 2, done.exception
    assert part in words(done)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (
            ("trial", "show", "orchestra", "--set", "conduct.withdrawn=5%"),
            "--set conduct.withdrawn: '5%' is not a number. Write 0.05.",
        ),
        (
            ("trial", "show", "orchestra", "--set", "disease.k1=1"),
            "--set disease.k1: is no field of a protocol. Give it to debulk trial run.",
        ),
        (
            ("trial", "run", "orchestra", "--without", "al"),
            "--without: there is no mechanism 'al'. Did you mean 'all'?",
        ),
    ],
)
def test_wrong_input_names_the_option(arguments, text) -> None:
    done = run(*arguments)
    assert isinstance(done.exception, InputError)
    assert str(done.exception) == text


def test_an_interruption_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(trial_alternatives, "_compare", stop)
    done = run("trial", "alternatives", "orchestra")
    assert done.exit_code == 130
    assert "Interrupted; nothing was finished." in done.output


def test_an_interruption_inside_two_groups_is_told_once() -> None:
    def stop() -> None:
        raise KeyboardInterrupt

    inner, outer = typer.Typer(cls=PlainGroup), typer.Typer(cls=PlainGroup)
    inner.command("work")(stop)
    inner.command("rest")(lambda: None)
    outer.add_typer(inner, name="inner")
    done = CliRunner().invoke(outer, ["inner", "work"])
    assert done.exit_code == 130
    assert done.stderr.count("nothing was finished") == 1


def test_arguments_become_options() -> None:
    with pytest.raises(InputError) as caught, naming_options({"arms": "--arm"}):
        raise InputError("arms 'A'", "found it", "leave it")
    assert caught.value.where == "--arm 'A'"
    with pytest.raises(InputError) as caught, naming_options({"arms": "--arm"}):
        raise InputError("file.yaml, line 3", "found it", "leave it")
    assert caught.value.where == "file.yaml, line 3"


def test_a_phrase_is_no_argument_that_it_begins_with() -> None:
    options = {"model": "--form", "model of": "--form, model of"}
    with pytest.raises(InputError) as caught, naming_options(options):
        raise InputError("model of treatment", "found it", "leave it")
    assert caught.value.where == "--form, model of treatment"


def test_the_whole_program_is_a_plain_group() -> None:
    assert isinstance(typer.main.get_command(app), PlainGroup)
    assert trial.app.registered_commands


def test_a_group_names_its_fields_and_what_is_missing() -> None:
    from debulk.core.yaml_files import validated
    from debulk.protocols.reading import protocol_text
    from debulk.protocols.schema import ProtocolFile

    text = protocol_text("orchestra")[0]
    start = text.index("    minimum_share:")
    cut = text[:start] + text[text.index("\n", start) + 1 :]
    with pytest.raises(InputError) as caught:
        validated(ProtocolFile, parse_yaml(cut, "mine.yaml"))
    said = str(caught.value)
    assert "found a group with name, title, local_treatment, start_after_months" in said
    assert "With local_treatment: true give minimum_share too." in said
    assert "{" not in said


def test_a_remedy_names_options_not_arguments() -> None:
    options = {"missing": "--missing", "grace_months": "--grace-months"}
    with pytest.raises(InputError) as caught, naming_options(options):
        raise InputError("protocol x", "unknown", "Say missing='indicator', or amissing='no'")
    assert caught.value.remedy == "Say --missing indicator, or amissing='no'"
    assert caught.value.where == "protocol x"
