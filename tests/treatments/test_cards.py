"""The packaged cards: complete, sourced, behind the firewall; and the arrays made of them."""

from __future__ import annotations

import csv
import itertools
import re
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from debulk.core import ORGANS, InputError, Parameter
from debulk.core.anatomy import ORGAN_CODE
from debulk.treatments import (
    Modality,
    Panel,
    Regimen,
    load_modalities,
    load_panel,
    load_regimens,
    modality_tables,
)
from debulk.treatments.cards import SIZE_EDGES_MM, size_class

MODALITIES = load_modalities()
REGIMENS = load_regimens()
PANEL = load_panel()
CARDS: list[Modality | Regimen | Panel] = [*MODALITIES.values(), *REGIMENS.values(), PANEL]
PARAMETERS = [each for card in CARDS for each in card.parameters()]
FORBIDDEN_ROLES = {"validation", "process", "protocol", "planned"}
KEY_IN_TEXT = re.compile(r"(?:parameters|series|trials|continuum|eligibility):[^;,)\s]+")


def evidence_roles() -> dict[str, str]:
    table = files("debulk.data") / "evidence" / "findings.csv"
    with table.open(encoding="utf-8") as lines:
        return {row["key"]: row["role"] for row in csv.DictReader(lines)}


def test_every_modality_has_its_card() -> None:
    assert set(MODALITIES) == {
        "liver_resection", "lung_resection", "other_resection", "rfa", "mwa", "ire",
        "radioembolisation", "sbrt", "cytoreductive_surgery", "bland_embolisation",
        "chemoembolisation", "liver_transplantation",
    }  # fmt: skip
    chosen = {name for name, card in MODALITIES.items() if not card.debulking}
    assert chosen == {
        "radioembolisation", "bland_embolisation", "chemoembolisation", "liver_transplantation"
    }  # fmt: skip


def test_every_backbone_comes_alone_and_with_each_antibody() -> None:
    backbones = ("capox", "folfox", "folfiri", "folfoxiri")
    antibodies = ("bevacizumab", "cetuximab", "panitumumab")
    for backbone in backbones:
        assert REGIMENS[backbone].addition == "alone"
    for backbone, antibody in itertools.product(backbones, antibodies):
        card = REGIMENS[f"{backbone}_{antibody}"]
        assert (card.backbone, card.addition) == (backbone, antibody)
        assert card.requires_ras_wild_type == (antibody != "bevacizumab")
    later = [each for each in REGIMENS.values() if min(each.lines) > 1]
    assert {"trifluridine_tipiracil", "regorafenib", "irinotecan_cetuximab"} <= {
        each.name for each in later
    }


@pytest.mark.parametrize("parameter", PARAMETERS, ids=lambda each: each.name)
def test_every_number_has_a_source_or_says_why_it_was_assumed(parameter: Parameter) -> None:
    if parameter.is_assumption or parameter.status == "derived":
        assert len(parameter.note) > 10
    else:
        assert ":" in parameter.source


def test_no_card_cites_a_row_that_is_held_out() -> None:
    roles = evidence_roles()
    cited = [pair for card in CARDS for pair in card.sources()]
    cited += [(each.name, key) for each in PARAMETERS for key in KEY_IN_TEXT.findall(each.note)]
    assert len(cited) > 80
    for path, key in cited:
        assert key in roles, f"{path} cites {key}, which is no row"
        assert roles[key] not in FORBIDDEN_ROLES, f"{path} cites {key}, held out"


def test_only_anti_egfr_asks_for_wild_type_and_doublets_alone_are_the_reference() -> None:
    for name in ("capox", "folfox", "folfiri"):
        assert REGIMENS[name].kill_factor.value == 1.0
    first = REGIMENS["folfox_bevacizumab"].outcomes[1]
    assert first.pfs_months is not None
    assert first.pfs_months.value == 9.4
    assert first.response_rate is not None
    assert first.response_rate.value == 0.47


def test_kill_factors_follow_from_the_numbers_their_notes_name() -> None:
    rounding = 0.005  # factors are given to two decimals
    bevacizumab = (9.4 / 8.0 * np.log1p(-0.46) / np.log1p(-0.46)) ** 0.5
    anti_egfr = np.log1p(-0.54) / np.log1p(-0.46)
    triplet = 12.2 / 9.7
    found = {name: card.kill_factor.value for name, card in REGIMENS.items()}
    assert found["folfox_bevacizumab"] == pytest.approx(bevacizumab, abs=rounding)
    assert found["folfox_panitumumab"] == pytest.approx(anti_egfr, abs=rounding)
    assert found["folfoxiri"] == pytest.approx(triplet, abs=rounding)
    assert found["folfoxiri_bevacizumab"] == pytest.approx(triplet * bevacizumab, abs=2 * rounding)


def test_tables_hold_the_numbers_of_the_cards() -> None:
    tables = modality_tables(MODALITIES)
    assert tables.names == tuple(sorted(MODALITIES))
    assert tables.local_control.shape == (len(MODALITIES), len(ORGANS), 4)
    liver, bone = ORGAN_CODE["liver"], ORGAN_CODE["bone"]
    rfa, hepatectomy = tables.names.index("rfa"), tables.names.index("liver_resection")
    np.testing.assert_array_equal(tables.size_edges_mm, SIZE_EDGES_MM)
    np.testing.assert_allclose(tables.local_control[rfa, liver], [0.88, 0.76, 0.64, 0.52])
    assert not tables.local_control[rfa, bone].any()
    assert tables.mortality_90_days[rfa] == 0.0015
    assert tables.major_complication[rfa] == 0.041
    assert tables.surge[hepatectomy] == 1.0
    assert tables.minimal_remnant[hepatectomy] == 0.30
    assert tables.max_lesions[rfa, liver] == 9
    assert tables.max_diameter_mm[rfa, bone] == 0
    assert tables.operation[liver] == hepatectomy
    assert tables.max_lesions_in_organ[ORGAN_CODE["brain"]] == 0
    for name in ("pause_before_days", "pause_after_days", "recovery_weeks"):
        expected = [getattr(card, name).value for card in MODALITIES.values()]
        np.testing.assert_array_equal(getattr(tables, name), expected)


def test_a_bound_of_a_size_class_belongs_to_the_class_below() -> None:
    assert [size_class(each) for each in (5, 20, 20.1, 30, 31, 50, 50.1)] == [0, 0, 1, 1, 2, 2, 3]


def test_a_user_adds_and_replaces_cards(tmp_path: Path) -> None:
    packaged = files("debulk.data") / "treatments" / "modalities" / "rfa.yaml"
    text = packaged.read_text(encoding="utf-8")
    (tmp_path / "rfa.yaml").write_text(text.replace("value: 0.0015", "value: 0.02"), "utf-8")
    named = text.replace("name: rfa", "name: cryoablation")
    (tmp_path / "cryoablation.yaml").write_text(named, "utf-8")
    cards = load_modalities(tmp_path)
    assert set(cards) == {*MODALITIES, "cryoablation"}
    assert cards["rfa"].mortality_90_days.value == 0.02
    assert load_modalities()["rfa"].mortality_90_days.value == 0.0015


def test_a_user_brings_a_regimen_and_a_panel(tmp_path: Path) -> None:
    folder = files("debulk.data") / "treatments"
    text = (folder / "regimens" / "regorafenib.yaml").read_text(encoding="utf-8")
    (tmp_path / "mine.yaml").write_text(
        text.replace("backbone: regorafenib", "backbone: mine"), "utf-8"
    )
    assert set(load_regimens(tmp_path)) == {*REGIMENS, "mine"}
    path = tmp_path / "panel.yml"
    text = (folder / "panel.yaml").read_text(encoding="utf-8")
    path.write_text(text, "utf-8")
    assert load_panel(path) == PANEL
    path.write_text(text.replace("operation: liver_resection", "operation: liver_resect"), "utf-8")
    with pytest.raises(InputError, match=r"line \d+.*'liver_resect'.*Did you mean"):
        load_panel(path)


def test_folders_without_cards_are_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no"):
        load_modalities(tmp_path)
    with pytest.raises(InputError, match="no folder"):
        load_regimens(tmp_path / "nowhere")


def test_the_package_loads_no_numerical_library_until_it_is_used() -> None:
    code = (
        "import sys, debulk.treatments as t; t.load_modalities(); t.plan\n"
        "print(sorted({'numba', 'polars', 'scipy'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
