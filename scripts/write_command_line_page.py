"""Write docs/reference/command-line.md from the commands themselves.

Run after a change of the command line: .venv/bin/python scripts/write_command_line_page.py
"""

from __future__ import annotations

import enum
import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from debulk.cli.app import app

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "command-line.md"

HEAD = """\
# Command line

<!-- Written by scripts/write_command_line_page.py; do not edit. -->

Every command that answers takes `--json`: one JSON object on standard output and nothing else
there; messages and progress go to standard error. `debulk --install-completion` sets up completion
for your shell.

| Exit status | means |
|---|---|
| 0 | done |
| 1 | the input is wrong: one message says where, what was found, and the remedy |
| 2 | wrong usage |
| 130 | interrupted |
"""


def commands(command: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Every command and group below one, with how it is called."""
    yield path, command
    for name, inner in getattr(command, "commands", {}).items():
        if not inner.hidden:
            yield from commands(inner, f"{path} {name}")


def cell(text: object) -> str:
    """Text that fits a table cell."""
    return " ".join(str(text).split()).replace("|", "\\|")


def spelling(parameter: Any) -> str:
    """How a parameter is written on the command line."""
    if parameter.param_type_name == "argument":
        return f"`{parameter.metavar or parameter.name.upper()}`"
    spelt = " / ".join(f"`{each}`" for each in (*parameter.opts, *parameter.secondary_opts))
    if parameter.is_flag or parameter.count:
        return spelt
    return f"{spelt} `{parameter.metavar or _kind(parameter.type_descriptor.annotation)}`"


def _kind(annotation: Any) -> str:
    if isinstance(annotation, type) and issubclass(annotation, enum.Enum):
        return "|".join(str(each.value) for each in annotation)
    return {int: "INTEGER", float: "NUMBER", Path: "PATH"}.get(annotation, "TEXT")


def default(parameter: Any) -> str:
    """The default where it says something."""
    value = parameter.default
    value = getattr(value, "value", value)
    if parameter.required:
        return "required"
    if value is None or value is False or value == () or not isinstance(value, str | int | float):
        return ""
    return f"`{value}`"


def section(path: str, command: Any) -> str:
    """One command: what it does, and a table of what it takes."""
    lines = [f"## `{path}`", "", inspect.cleandoc(command.help or ""), ""]
    rows = [each for each in command.params if not getattr(each, "hidden", False)]
    if rows:
        lines += ["| | | default |", "|---|---|---|"]
        lines += [
            f"| {cell(spelling(each))} | {cell(each.help or '')} | {cell(default(each))} |"
            for each in rows
        ]
        lines.append("")
    return "\n".join(lines)


def page() -> str:
    """The whole page."""
    tree = typer.main.get_command(app)
    sections = [section(path, command) for path, command in commands(tree, "debulk")]
    return HEAD + "\n" + "\n".join(sections).rstrip() + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8", newline="\n")
