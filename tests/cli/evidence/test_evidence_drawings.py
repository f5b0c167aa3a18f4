"""Do the commands that draw evidence write what they are asked for, whole, or nothing?"""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from debulk.cli.evidence.cumulative import cumulative
from debulk.cli.evidence.curves import curves
from debulk.cli.evidence.forest import forest
from debulk.cli.evidence.funnel import funnel
from debulk.cli.evidence.map import map_
from debulk.cli.plain_refusals import PlainGroup
from debulk.core import InputError
from debulk.reports.evidence.forests import MOST_ROWS

_app = typer.Typer(cls=PlainGroup)
for _name, _command in {
    "forest": forest,
    "funnel": funnel,
    "cumulative": cumulative,
    "map": map_,
    "curves": curves,
}.items():
    _app.command(_name)(_command)

LOCAL = ("--outcome", "overall survival", "--design", "randomised", "--domain", "mcrc")
COMMANDS = {
    "forest": LOCAL,
    "funnel": LOCAL,
    "cumulative": LOCAL,
    "map": ("--domain", "mcrc"),
    "curves": (),
}
WORDS = {
    "forest": "Prediction interval",
    "funnel": "standard error",
    "cumulative": "+ CLOCC (2017)",
    "map": "overall survival",
    "curves": "liver only, all treated locally",
}


def debulk(*arguments: str):
    """Run a command in this process."""
    return CliRunner().invoke(_app, list(arguments))


@pytest.mark.parametrize("command", COMMANDS)
def test_numbers_drawn_come_as_one_object(command, tmp_path: Path) -> None:
    path = tmp_path / "figure.html"
    done = debulk(command, str(path), *COMMANDS[command], "--json")
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert found["files"] == [str(path)]
    assert found["says"]
    assert found["provenance"]["version"]
    held = {"map": "cells", "curves": "curves"}.get(command, "studies")
    assert len(found[held]) > 1
    assert path.exists()


def test_a_forest_of_too_many_studies_is_refused_and_not_written(tmp_path: Path) -> None:
    table, path = tmp_path / "many.csv", tmp_path / "forest.html"
    rows = [f"S{i},{0.5 + i / 1000},0.2,2.5" for i in range(MOST_ROWS)]
    table.write_text("\n".join(["study,hr,lower,upper", *rows]))
    done = debulk("forest", str(path), "--table", str(table))
    assert isinstance(done.exception, InputError)
    assert "make no picture" in str(done.exception)
    assert not path.exists()


@pytest.mark.parametrize("command", COMMANDS)
def test_a_page_carries_its_picture_and_asks_for_nothing(command, tmp_path: Path) -> None:
    path = tmp_path / "figure.html"
    done = debulk(command, str(path), *COMMANDS[command])
    assert done.exit_code == 0, done.output
    assert [each.name for each in tmp_path.iterdir()] == ["figure.html"]
    text = path.read_text()
    (svg,) = re.findall(r'src="data:image/svg\+xml;base64,([^"]+)"', text)
    assert WORDS[command] in base64.b64decode(svg).decode()
    assert re.findall(r"""(?:src|href)=["'](?!data:)""", text) == []
    assert re.search(r'alt="[^"]{20,}"', text)
    for words in ("not a medical device", "What was left out", "Where this comes from", "<table>"):
        assert words in text


@pytest.mark.parametrize("command", COMMANDS)
def test_hostile_paths_are_refused_before_anything_is_computed(command, tmp_path: Path) -> None:
    for name in ("figure.gif", "figure", "nowhere/figure.svg"):
        done = debulk(command, str(tmp_path / name), *COMMANDS[command])
        assert isinstance(done.exception, InputError), done.output
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_without_a_file_is_wrong_usage(command) -> None:
    assert debulk(command).exit_code == 2


def test_forests_by_subgroup_and_without_each_study(tmp_path: Path) -> None:
    path = tmp_path / "figure.svg"
    assert debulk("forest", str(path), *LOCAL, "--subgroup", "organ").exit_code == 0
    assert "Difference between groups of organ" in path.read_text()
    assert debulk("forest", str(path), *LOCAL, "--leave-one-out").exit_code == 0
    assert "without TransMet" in path.read_text()
    both = debulk("forest", str(path), *LOCAL, "--leave-one-out", "--subgroup", "organ")
    assert both.exit_code == 2


def test_held_out_series_are_drawn_only_where_asked_for_and_said_so(tmp_path: Path) -> None:
    path = tmp_path / "figure.svg"
    assert debulk("curves", str(path)).exit_code == 0
    assert "Held-out" not in path.read_text()
    assert debulk("curves", str(path), "--held-out").exit_code == 0
    assert "Held-out" in path.read_text()


def test_hostile_wishes_name_the_option(tmp_path: Path) -> None:
    path = str(tmp_path / "figure.svg")
    for arguments, words in (
        (("curves", path, "--extent", "stage_1", "--treatment", "untreated"), "--extent"),
        (("curves", path, "--level", "2"), "--level"),
        (("map", path, "--outcome", "survivall"), "--outcome"),
        (("cumulative", path, *LOCAL, "--by", "yaer"), "--by"),
    ):
        done = debulk(*arguments)
        assert isinstance(done.exception, InputError), done.output
        assert words in str(done.exception)
    assert list(tmp_path.iterdir()) == []


def test_a_funnel_without_a_test_is_drawn_and_the_lack_is_told(tmp_path: Path) -> None:
    table = tmp_path / "two.csv"
    table.write_text("study,hr,lower,upper\nA,0.5,0.3,0.8\nB,0.9,0.7,1.2\n")
    path = tmp_path / "funnel.svg"
    done = debulk("funnel", str(path), "--table", str(table))
    assert done.exit_code == 0, done.output
    assert "No test of asymmetry: 2 studies" in done.stderr
    assert "standard error" in path.read_text()
