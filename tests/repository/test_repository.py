"""Does the repository hold what it promises: agreeing versions, no foreign paths, short files?"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

import debulk

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "src").rglob("*.py"))

SKIPPED = {".git", ".venv", ".uv", "site", "runs", "htmlcov", "build", "dist", "__pycache__"}
TEXT = {
    *(".py", ".md", ".yaml", ".yml", ".toml", ".cff", ".csv", ".sh", ".R", ".html", ".j2", ".css"),
    *(".js", ".json", ".svg", ".c"),
}
OTHERS = "vendor"
"""Folder of programs that others wrote, whose comments are theirs."""
MOST_LINES = 500

# Folders of somebody's machine; put together here, so that this file is none of its own findings.
MACHINE_PATHS = re.compile(r"(?<![\w./])/(?:" + "|".join(["work", "root", "home"]) + r")/\w")
LEFT_OVER = re.compile(r"\b(?:" + "|".join(["TO" + "DO", "FIX" + "ME", "XX" + "X"]) + r")\b")


def texts() -> list[Path]:
    """Every text file that is no build product."""
    found = []
    for folder, folders, names in os.walk(ROOT):
        folders[:] = [
            each for each in folders if each not in SKIPPED and not each.endswith("_cache")
        ]
        found += [Path(folder) / name for name in names]
    plain = {"Makefile", "LICENSE", "NOTICE", "run"}
    return sorted(each for each in found if each.suffix in TEXT or each.name in plain)


def read(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def targets() -> set[str]:
    return set(re.findall(r"^([a-z-]+):", read("Makefile"), re.MULTILINE))


def test_no_file_names_a_folder_of_a_machine() -> None:
    assert MACHINE_PATHS.search("see /ho" + "me/anna/debulk")
    found = [
        f"{path.relative_to(ROOT)}: {line.strip()[:80]}"
        for path in texts()
        for line in path.read_text(encoding="utf-8").splitlines()
        if MACHINE_PATHS.search(line)
    ]
    assert found == []


def test_nothing_is_left_to_do() -> None:
    assert LEFT_OVER.search("# TO" + "DO: later")
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in texts()
        if path.suffix != ".csv" and OTHERS not in path.parts
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if LEFT_OVER.search(line)
    ]
    assert found == []


def test_a_source_file_is_one_idea() -> None:
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines())
        for path in SOURCES
    }
    assert len(lengths) > 20
    assert {path: lines for path, lines in lengths.items() if lines > MOST_LINES} == {}


def test_versions_agree() -> None:
    citation = yaml.safe_load(read("CITATION.cff"))
    project = tomllib.loads(read("pyproject.toml"))["project"]
    newest = re.search(r"^## (\S+)", read("CHANGELOG.md"), re.MULTILINE)
    assert newest is not None
    locked = next(
        each["version"]
        for each in tomllib.loads(read("uv.lock"))["package"]
        if each["name"] == "debulk"
    )
    found = {citation["version"], project["version"], newest[1], locked, debulk.__version__}
    assert found == {debulk.__version__}


def test_the_licence_is_there_and_the_same_everywhere() -> None:
    assert "Apache License" in read("LICENSE")
    assert "Version 2.0" in read("LICENSE")
    assert "debulk" in read("NOTICE")
    assert yaml.safe_load(read("CITATION.cff"))["license"] == "Apache-2.0"
    assert tomllib.loads(read("pyproject.toml"))["project"]["license"] == "Apache-2.0"
    assert (ROOT / "src" / "debulk" / "py.typed").exists()


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md"])
def test_the_commands_of_a_page_are_the_makefiles(page: str) -> None:
    named = set(re.findall(r"(?:^|`)make ([a-z-]+)", read(page), re.MULTILINE))
    assert {"demo", "test"} <= named
    assert named <= targets()


def test_the_readme_begins_with_the_question_and_has_its_parts() -> None:
    text = read("README.md")
    assert "?" in text.split("\n\n")[1]
    assert "sudo apt-get install git make python3 python3-venv" in text
    for part in ("not a medical device", "CITATION.cff", "LICENSE", "docs/img/report-top.png"):
        assert part in text


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md"])
def test_the_links_of_a_page_lead_somewhere(page: str) -> None:
    for link in re.findall(r"\]\(([^)#]+)", read(page)):
        assert link.startswith("https://") or (ROOT / link).exists(), link


def test_make_alone_says_what_can_be_made() -> None:
    done = subprocess.run(
        ["make", "--no-print-directory"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    for target in ("demo", "test", "check", "docs", "bench", "clean", "help"):
        assert re.search(rf"^  {target} +\S", done.stdout, re.MULTILINE), target


def test_imports_run_downwards() -> None:
    done = subprocess.run(
        [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 kept, 0 broken" in done.stdout


# Typer loads pydantic by itself, so that one is not listed.
HEAVY = ("altair", "jinja2", "numba", "numpy", "pandas", "polars", "scipy", "yaml")


@pytest.mark.parametrize(
    "arguments", [["--help"], ["--version"], ["trial", "run", "--help"], ["survival", "--help"]]
)
def test_help_loads_nothing_heavy(arguments: list[str]) -> None:
    program = f"""
import sys
sys.argv = ["debulk", *{arguments!r}]
from debulk.cli import main
try:
    main()
finally:
    print("loaded:", *[name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr.strip().splitlines()[-1] == "loaded:"
