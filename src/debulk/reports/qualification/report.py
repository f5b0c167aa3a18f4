"""The installation-qualification report: what is installed, what was checked, what came out."""

from __future__ import annotations

import platform
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from markupsafe import Markup

import debulk
from debulk.core.files import write_text
from debulk.core.kernel_cache import sources_digest
from debulk.core.provenance import sha256_of
from debulk.reports.qualification.checks import Check
from debulk.reports.trial_report import environment, template_text

_LIBRARIES = ("numpy", "scipy", "numba", "polars", "pydantic", "formulaic", "altair")


def qualification(checks: Iterable[Check]) -> dict[str, Any]:
    """Sum up checks, beside what they were run on.

    Parameters
    ----------
    checks : iterable of Check
        As `reference_checks` yields them.

    Returns
    -------
    dict
        Plain values: ``passed`` (whether every check did), ``counts``, ``checks`` and
        ``installation``.
    """
    done = list(checks)
    counts = Counter(each.state for each in done)
    return {
        "passed": bool(done) and counts["passed"] == len(done),
        "counts": {state: counts[state] for state in ("passed", "failed", "error")},
        "checks": [each.to_dict() for each in done],
        "installation": _installation(),
    }


def write_qualification_report(path: Path, result: Mapping[str, Any]) -> None:
    """Write the report as one HTML file that opens offline, whole or not at all.

    Parameters
    ----------
    path : Path
        The HTML file.
    result : mapping
        What `qualification` returns.

    Raises
    ------
    InputError
        If the file cannot be written.
    """
    areas: dict[str, list[Any]] = {}
    for each in result["checks"]:
        areas.setdefault(each["area"], []).append(each)
    page = (
        environment()
        .get_template("qualification.html")
        .render(result=result, areas=areas, style=Markup(template_text("report.css")))
    )
    write_text(path, page)


def _installation() -> dict[str, Any]:
    package = Path(debulk.__file__).parent
    rooms = sorted(each.name for each in package.iterdir() if each.is_dir() and each.name[0] != "_")
    return {
        "debulk": debulk.__version__,
        "sources_sha256": sources_digest(package, rooms),
        "data_sha256": {
            each.relative_to(package / "data").as_posix(): sha256_of(each)
            for each in sorted((package / "data").rglob("*"))
            if each.is_file() and "__pycache__" not in each.parts and each.suffix != ".py"
        },
        "python": sys.version.split()[0],
        "system": platform.platform(),
        "processor": platform.machine(),
        "libraries": {name: metadata.version(name) for name in _LIBRARIES},
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
    }
