"""Does the documentation build without a warning, and ask no other machine for anything?"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

FETCHED = re.compile(
    r"""<(?:script|img|iframe|source)\b[^>]*\bsrc=["']?(?:https?:)?//
      | <link\b(?=[^>]*\brel=["']?(?:stylesheet|preload|preconnect|icon|dns-prefetch))
        [^>]*\bhref=["']?(?:https?:)?//
      | @import\s+(?:url\()?["']?(?:https?:)?//""",
    re.VERBOSE,
)


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    """The site, built as `make docs` builds it, elsewhere."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict"]
    done = subprocess.run(
        [*command, "--site-dir", str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def test_the_pattern_sees_what_would_be_fetched() -> None:
    assert FETCHED.search('<script async src="https://example.org/a.js">')
    assert FETCHED.search('<link rel="stylesheet" href="//example.org/a.css">')
    assert not FETCHED.search('<a href="https://example.org/">')
    assert not FETCHED.search('<link rel="stylesheet" href="assets/a.css">')


@pytest.mark.slow
def test_the_site_builds_strictly_and_fetches_nothing(site: Path) -> None:
    pages = list(site.rglob("*.html"))
    assert {"index.html", "first-trial.html", "python.html"} <= {page.name for page in pages}
    for path in [*pages, *site.rglob("*.css")]:
        found = FETCHED.search(path.read_text(encoding="utf-8"))
        assert found is None, f"{path.name}: {found and found[0]}"


@pytest.mark.slow
def test_the_reference_of_python_names_are_rendered(site: Path) -> None:
    text = (site / "reference" / "python.html").read_text(encoding="utf-8")
    source = (ROOT / "docs" / "reference" / "python.md").read_text(encoding="utf-8")
    for name in re.findall(r"^::: (\S+)$", source, re.MULTILINE):
        assert f'id="{name}"' in text, name
