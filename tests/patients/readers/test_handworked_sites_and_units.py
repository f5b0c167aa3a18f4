import pytest

from debulk.core.errors import InputError
from debulk.core.units import DAYS_PER_MONTH
from debulk.patients.columns import TABLES
from debulk.patients.readers.sites import (
    is_bowel_cancer,
    organ_of,
    organ_of_code,
    procedure_of,
    side_of,
    side_of_code,
)
from debulk.patients.readers.units import factor_to, unit_of
from debulk.treatments import load_modalities


@pytest.mark.parametrize(
    ("text", "organ"),
    [
        ("LIVER", "liver"),
        ("Hepatic segment VI", "liver"),
        ("Lung, right upper lobe", "lung"),
        ("LYMPH NODE, HEPATIC HILAR", "lymph_node"),
        ("Suprarenal gland", "adrenal"),
        ("OVARY, LEFT", "ovary"),
        ("Sigmoid colon", "primary"),
        ("Leber", "liver"),
        ("SPLEEN", None),
        (None, None),
    ],
)
def test_organs_by_name(text, organ):
    assert organ_of(text) == organ


@pytest.mark.parametrize(
    ("text", "side"),
    [("ascending colon", "right"), ("descending colon", "left"), ("Caecum", "right"),
     ("rectosigmoid junction", "left"), ("rectum", "rectum"), ("colon", None)],
)  # fmt: skip
def test_sides_by_name(text, side):
    assert side_of(text) == side


@pytest.mark.parametrize(
    ("text", "site", "name"),
    [
        ("Right hepatectomy", None, "liver_resection"),
        ("Resection", "LIVER", "liver_resection"),
        ("Wedge resection", "Lung", "lung_resection"),
        ("Radiofrequency ablation of liver", None, "rfa"),
        ("Radioembolization Y90", None, "radioembolisation"),
        ("Stereotactic body radiotherapy", "Lung", "sbrt"),
        ("Right hemicolectomy", None, None),
        ("Resection", "Sigmoid colon", None),
        ("Liver biopsy", None, None),
        ("Colonoscopy", None, None),
        (None, "Liver", None),
    ],
)
def test_procedures_by_name(text, site, name):
    assert procedure_of(text, site) == name


def test_every_procedure_that_can_be_named_has_a_card():
    named = {procedure_of(text) for text in (
        "radioembolisation", "chemoembolisation", "embolisation", "rfa", "mwa",
        "electroporation", "sbrt", "hipec", "liver transplant", "hepatectomy", "pneumonectomy",
        "adrenalectomy")}  # fmt: skip
    assert named == set(load_modalities())


@pytest.mark.parametrize(
    ("code", "organ"), [("C78.7", "liver"), ("c780", "lung"), ("C77.2", "lymph_node"),
                        ("C79.81", "other"), ("C18.7", None)]
)  # fmt: skip
def test_organs_by_icd_10(code, organ):
    assert organ_of_code(code) == organ


def test_bowel_cancer_by_icd_10():
    assert is_bowel_cancer("c18.2")
    assert not is_bowel_cancer("C21.0")
    assert [side_of_code(code) for code in ("C18.2", "C18.7", "C20", "C18.9")] == [
        "right", "left", "rectum", None,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("ours", "theirs", "factor"),
    [
        ("mm", "cm", 10.0),
        ("months", "Days", 1 / DAYS_PER_MONTH),
        ("months", "years", 12.0),
        ("years", "MONTHS", 1 / 12),
        ("ug/l", "ng/mL", 1.0),
        ("ug/l", "µg/L", 1.0),
        ("share", "%", 0.01),
    ],
)
def test_units(ours, theirs, factor):
    assert factor_to(ours, theirs, "here") == pytest.approx(factor, rel=1e-12)


def test_an_unknown_unit_is_answered_with_the_known():
    with pytest.raises(InputError, match=r"here: unit 'hands' is unknown. Known: mm, cm, in"):
        factor_to("mm", "hands", "here")


def test_every_column_that_names_a_unit_has_one():
    units = ("_mm", "_months", "_years", "_ml", "_ug_l", "_share", "_vaf")
    named = [name for columns in TABLES.values() for name in columns if name.endswith(units)]
    assert named
    assert all(unit_of(name) is not None for name in named)
