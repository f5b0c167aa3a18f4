"""Do the tutorials do what they say? Every command and every Python block is executed."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
TUTORIALS = sorted((DOCS / "tutorials").glob("*.md"))

FENCE = re.compile(r"^```(?P<language>[a-z]+)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """A fenced block of a page, and the line it starts on."""

    language: str
    body: str
    line: int

    def commands(self) -> list[str]:
        """The lines a reader types."""
        return [line[2:] for line in self.body.splitlines() if line.startswith("$ ")]

    def shown(self) -> list[str]:
        """The lines the page says come out."""
        lines = [line.strip() for line in self.body.splitlines() if not line.startswith("$ ")]
        return [line for line in lines if line and line != "..."]


def blocks(text: str) -> list[Block]:
    """Every fenced block of a page, in order."""
    return [
        Block(found["language"], found["body"], text.count("\n", 0, found.start()) + 1)
        for found in FENCE.finditer(text)
    ]


def run(command: str, folder: Path, place: str) -> str:
    """Type one command into a shell in which `debulk` is the one under test."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(
        ["sh", "-c", command],
        cwd=folder,
        env={**os.environ, "PATH": path, "COLUMNS": "100"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, f"{place}: {command}\n{done.stdout}\n{done.stderr}"
    return done.stdout + done.stderr


def execute(block: Block, folder: Path, place: str) -> None:
    """Execute one block; what it shows must come out."""
    if block.language == "console":
        assert block.commands(), f"{place}: a console block without a command"
        out = "".join(run(command, folder, place) for command in block.commands())
        for line in block.shown():
            assert line in out, f"{place}: the page shows {line!r}, which did not come out"
    elif block.language == "python":
        source = folder / f"block-{block.line}.py"
        source.write_text(block.body, encoding="utf-8")
        run(f"{shlex.quote(sys.executable)} {source.name}", folder, place)


def test_the_reader_of_blocks_sees_every_fence() -> None:
    text = "a\n\n```console\n$ echo hello\nhello\n```\n\n```python\nprint(1)\n```\n"
    console, python = blocks(text)
    assert (console.commands(), console.shown(), console.line) == (["echo hello"], ["hello"], 3)
    assert (python.language, python.body) == ("python", "print(1)\n")


def test_a_block_that_fails_or_lies_is_caught(tmp_path: Path) -> None:
    execute(Block("console", "$ echo hello\nhello\n", 1), tmp_path, "here")
    with pytest.raises(AssertionError, match="did not come out"):
        execute(Block("console", "$ echo hello\ngoodbye\n", 1), tmp_path, "here")
    with pytest.raises(AssertionError, match="exit 3"):
        execute(Block("console", "$ exit 3\n", 1), tmp_path, "here")
    with pytest.raises(AssertionError, match="ZeroDivisionError"):
        execute(Block("python", "1 / 0\n", 1), tmp_path, "here")


@pytest.mark.slow
@pytest.mark.parametrize("page", TUTORIALS, ids=lambda page: page.stem)
def test_a_tutorial_runs_from_top_to_bottom(page: Path, tmp_path: Path) -> None:
    text = page.read_text(encoding="utf-8")
    found = blocks(text)
    assert len(found) == text.count("\n```") // 2, f"{page.name}: a fence is not closed or named"
    assert any(block.language == "console" for block in found)
    for block in found:
        execute(block, tmp_path, f"{page.name}, line {block.line}")


def test_there_is_a_tutorial() -> None:
    assert "first-trial" in {page.stem for page in TUTORIALS}
