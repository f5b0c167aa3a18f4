"""No card, disease parameter or protocol may rest on a held-out result."""

from __future__ import annotations

import pytest

from debulk.disease import load_model
from debulk.evidence import firewall_violations
from debulk.protocols import load_protocol, packaged_protocols
from debulk.treatments import load_modalities, load_regimens

TABLES = ("trials:", "eligibility:", "parameters:", "series:", "continuum:")
WORDS = ("assumption", "derived")


def _uses() -> dict[str, str]:
    """Every place that cites something, and what it cites."""
    uses: dict[str, str] = {}
    for name in packaged_protocols():
        uses |= {f"{name}.{k}": v for k, v in load_protocol(name).sources().items()}
    for card in (*load_modalities().values(), *load_regimens().values()):
        uses |= {f"{card.name}.{where}": key for where, key in card.sources()}
    uses |= {each.name: each.source for each in load_model().parameter_records()}
    return uses


def test_every_source_is_a_row_that_may_be_used_or_an_assumption() -> None:
    uses = _uses()
    assert len(uses) > 200
    single = [(where, key) for where, keys in uses.items() for key in keys.split(";")]
    unexplained = [each for each in single if not each[1].startswith((*TABLES, *WORDS))]
    assert unexplained == []
    cited = {where: keys for where, keys in uses.items() if keys.startswith(TABLES)}
    assert len(cited) > 40
    assert firewall_violations(cited) == []


@pytest.mark.parametrize(
    "key",
    ["trials:ORCHESTRA/hr_os", "parameters:harm/debulking-sae-pts-90-d-mortality"],
)
def test_the_wall_holds(key: str) -> None:
    assert [each.where for each in firewall_violations({"here": key})] == ["here"]
