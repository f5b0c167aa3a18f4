"""Are the pictures on the page about figures of evidence what its commands draw today?"""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


def test_the_pictures_of_the_page_are_drawn_again_to_the_byte(tmp_path: Path) -> None:
    pytest.importorskip("vl_convert")
    path = ROOT / "scripts" / "draw_evidence_figures.py"
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    script.main(tmp_path)
    for name in script.COMMANDS:
        drawn = (tmp_path / f"{name}.svg").read_bytes()
        assert drawn == (ROOT / "docs" / "img" / f"{name}.svg").read_bytes(), name
