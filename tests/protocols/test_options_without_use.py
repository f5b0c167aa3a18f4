"""Fields of a file that nothing would come of are refused with their line."""

from __future__ import annotations

from pathlib import Path

import pytest

from debulk.core.errors import InputError
from debulk.protocols import load_protocol, protocol_text

LAST = "conduct:\n"
WITH_BLOCKS = """conduct:
  randomisation:
    method: {method}
    strata: [liver_only]
    block_sizes: [{sizes}]
    source: assumption
    note: of the test
"""
WITH_LOOKS = """design:
  monitoring:
    information: [0.5, 1.0]
    efficacy: pocock
    harm_alpha: {value: 0.1, source: assumption, note: of the test}
    source: assumption
    note: of the test
"""


def complaint(folder: Path, before: str, after: str) -> str:
    """What is said of ORCHESTRA with a part more."""
    text, _ = protocol_text("orchestra")
    path = folder / "mine.yaml"
    path.write_text(text.replace(f"\n{before}", f"\n{after}", 1), encoding="utf-8")
    with pytest.raises(InputError) as raised:
        load_protocol(path)
    return str(raised.value)


@pytest.mark.parametrize(
    ("method", "sizes", "words"),
    [
        ("minimisation", "4", "method minimisation has no blocks"),
        ("simple", "4", "method simple has no blocks"),
        ("blocks", "2, 6", "2, 6 do not hold block_size, 4"),
    ],
)
def test_blocks(tmp_path: Path, method: str, sizes: str, words: str) -> None:
    said = complaint(tmp_path, LAST, WITH_BLOCKS.format(method=method, sizes=sizes))
    assert words in said
    assert "mine.yaml, line" in said


def test_alpha_of_a_harm_bound_that_is_not_there(tmp_path: Path) -> None:
    said = complaint(tmp_path, "design:\n", WITH_LOOKS)
    assert "harm_alpha" in said
    assert "no harm bound" in said
