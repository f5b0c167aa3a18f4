"""No card, disease parameter or protocol may rest on a held-out result."""

from __future__ import annotations

import pytest

from debulk.disease import load_model
from debulk.evidence import ALLOWED_ROLES, firewall_violations
from debulk.protocols import load_protocol, packaged_protocols
from debulk.treatments import load_modalities, load_panel, load_regimens

TABLES = ("trials:", "eligibility:", "parameters:", "series:", "continuum:")
WORDS = ("assumption", "derived")


# A protocol may take a held-out trial's eligibility and plan; cards and parameters may not.
OUTSIDE_PROTOCOLS = ALLOWED_ROLES - {"protocol", "eligibility"}


def _of_protocols() -> dict[str, str]:
    uses: dict[str, str] = {}
    for name in packaged_protocols():
        uses |= {f"{name}.{k}": v for k, v in load_protocol(name).sources().items()}
    return uses


def _of_cards_and_parameters() -> dict[str, str]:
    cards = (*load_modalities().values(), *load_regimens().values(), load_panel())
    records = [each for card in cards for each in card.parameters()]
    records += load_model().parameter_records()
    return {each.name: each.source for each in records}


@pytest.mark.parametrize(
    ("uses", "allowed", "least"),
    [
        (_of_protocols(), ALLOWED_ROLES, 20),
        (_of_cards_and_parameters(), OUTSIDE_PROTOCOLS, 80),
    ],
    ids=["protocols", "cards and parameters"],
)
def test_every_source_is_a_row_that_may_be_used_or_an_assumption(uses, allowed, least) -> None:
    single = [(where, key.strip()) for where, keys in uses.items() for key in keys.split(";")]
    unexplained = [each for each in single if not each[1].startswith((*TABLES, *WORDS))]
    assert unexplained == []
    cited = {where: keys for where, keys in uses.items() if keys.startswith(TABLES)}
    assert len(cited) > least
    assert firewall_violations(cited, allow=allowed) == []


@pytest.mark.parametrize(
    "key",
    ["trials:ORCHESTRA/hr_os", "parameters:harm/debulking-sae-pts-90-d-mortality"],
)
def test_the_wall_holds(key: str) -> None:
    assert [each.where for each in firewall_violations({"here": key})] == ["here"]
