"""Is every public name and every command-line option documented, and is each page up to date?"""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest
import typer

from debulk.cli.app import app

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "docs" / "reference"


def script(name: str) -> ModuleType:
    """A program of scripts/, as a module."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "scripts" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    # A dataclass looks for its module here.
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


python_page = script("write_python_page")
command_page = script("write_command_line_page")

PUBLIC = [(room, name) for room in python_page.ROOMS for name in python_page.public_names(room)]
COMMANDS = list(command_page.commands(typer.main.get_command(app), "debulk"))


def test_every_room_is_on_the_page() -> None:
    rooms = {path.parent.name for path in (ROOT / "src" / "debulk").glob("*/__init__.py")}
    assert rooms - {"cli", "data"} == set(python_page.ROOMS)


@pytest.mark.parametrize("room", python_page.ROOMS)
def test_a_room_says_what_is_public(room: str) -> None:
    module = importlib.import_module(f"debulk.{room}")
    assert module.__all__ == python_page.public_names(room)
    assert module.__doc__


@pytest.mark.parametrize(
    ("page", "name"), [(python_page, "python.md"), (command_page, "command-line.md")]
)
def test_a_written_page_is_up_to_date(page: ModuleType, name: str) -> None:
    program = f"{page.__name__}.py"
    assert (REFERENCE / name).read_text(encoding="utf-8") == page.page(), f"run scripts/{program}"


@pytest.mark.parametrize(("room", "name"), PUBLIC, ids=lambda part: part)
def test_a_public_name_is_shown_and_explained(room: str, name: str) -> None:
    text = (REFERENCE / "python.md").read_text(encoding="utf-8")
    section = text.split(f"## `debulk.{room}`")[1].split("\n## ")[0]
    shown = re.search(rf"^::: (debulk\.[a-z_.0-9]+)\.{name}$", section, re.MULTILINE)
    public = getattr(importlib.import_module(f"debulk.{room}"), name)
    if shown is None:
        assert f"### `{name}`\n\nThe same as" in section
        return
    assert getattr(importlib.import_module(shown[1]), name) is public
    if inspect.isclass(public) or inspect.isroutine(public):
        assert_explained(public, name)
    else:
        assert_constant_explained(shown[1], name)


def assert_explained(public: object, name: str) -> None:
    """A docstring of its own, which names every parameter."""
    text = inspect.getdoc(public) or ""
    assert text, f"{name} has no docstring"
    assert not text.startswith(f"{name}("), f"{name} has only the docstring a dataclass is given"
    if inspect.isclass(public):
        return
    parameters = [each.lstrip("*") for each in inspect.signature(public).parameters]
    if parameters:
        assert "Parameters\n----" in text, f"{name} has no section Parameters"
    section = text.split("Parameters\n----")[-1].split("\n\n")[0] if parameters else ""
    for parameter in parameters:
        assert re.search(rf"(^|[\s,*]){parameter}\b", section), f"{name} leaves out {parameter}"


def assert_constant_explained(module: str, name: str) -> None:
    """A string below the constant says what it is."""
    source = Path(inspect.getsourcefile(importlib.import_module(module)) or "")
    text = source.read_text(encoding="utf-8")
    after = text[re.search(rf"^{name}\b", text, re.MULTILINE).start() :]
    assert re.search(r'^"""', after.split("\n\n\n")[0], re.MULTILINE), f"{name} is not explained"


def test_the_commands_are_those_that_exist() -> None:
    assert {path for path, _ in COMMANDS} >= {"debulk", "debulk trial run", "debulk survival"}


@pytest.mark.parametrize(("path", "command"), COMMANDS, ids=[path for path, _ in COMMANDS])
def test_a_command_and_its_options_are_documented(path: str, command) -> None:
    text = (REFERENCE / "command-line.md").read_text(encoding="utf-8")
    assert f"## `{path}`\n" in text
    section = text.split(f"## `{path}`\n")[1].split("\n## ")[0]
    assert command.help, f"{path} has no help"
    for parameter in command.params:
        for option in (*parameter.opts, *parameter.secondary_opts):
            if option.startswith("-"):
                assert f"`{option}`" in section, f"{path} {option}"
                assert parameter.help, f"{path} {option} has no help"
