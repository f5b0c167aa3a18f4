"""Which fields of the form stand behind a feature, and which of them are unknown in a case."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache

from debulk.board.case import BoardCase
from debulk.board.facts.lesions_seen import SeenLesion, visible
from debulk.core.anatomy_sites import tells_place
from debulk.core.strings import entries, text
from debulk.patients.features import FEATURES
from debulk.patients.sight import Moment

PAST = frozenset(
    {
        "age_years",
        "sex",
        "primary_site",
        "synchronous",
        "t_stage",
        "n_positive",
        "ras",
        "braf",
        "msi",
        "adjuvant",
        "adjuvant_end_months",
        "months_adjuvant_to_extrahepatic",
        "palliative_line",
        "first_line",
        "first_line_months",
        "best_response",
        "induction_response",
    }
)
"""Features that, once known, no board can change."""

_SIZES = frozenset(
    {
        "lesions_without_size",
        "largest_diameter_mm",
        "largest_known_diameter_mm",
        "largest_liver_diameter_mm",
        "volume_ml",
        "liver_volume_ml",
        "tumour_burden_score",
        "sum_diameters_mm",
        "treatable_share",
        "treatable_share_volume",
        "planned_sessions",
        "planned_weeks",
    }
)
_OF_LISTS = frozenset({"counts", "extent", "lobes", "targets", "treatable"})
_FIELDS = {
    "first_line": ("treatments.line",),
    "palliative_line": ("treatments.line",),
    "first_line_months": ("treatments.start_months",),
    "best_response": ("assessments.response",),
    "induction_response": ("assessments.response",),
    "months_adjuvant_to_extrahepatic": ("patients.adjuvant_end_months",),
}


def is_of_lesions(feature: str) -> bool:
    """Whether a feature is counted or measured on the list of lesions."""
    return feature in FEATURES and FEATURES[feature].group in _OF_LISTS


def unknown_fields(case: BoardCase, names: Iterable[str], moment: Moment) -> tuple[str, ...]:
    """Fields that are unknown in the case and stand behind some features, each once."""
    lesions = visible(case, moment)
    found: dict[str, None] = {}
    for name in names:
        for each in _behind(case, name, lesions):
            found[each] = None
    return tuple(found)


def _behind(case: BoardCase, name: str, lesions: tuple[SeenLesion, ...]) -> Iterator[str]:
    patient = case.patient
    if name in patient:
        if patient[name] is None:
            yield f"patients.{name}"
        return
    if is_of_lesions(name) and patient["lesion_list_complete"] is False:
        yield "patients.lesion_list_complete"
    if name in _SIZES:
        yield from (f"lesions.{e.lesion_id}.diameter_mm" for e in lesions if e.size_mm is None)
    if name == "liver_one_lobe":
        yield from _without_site(lesions, "liver")
    if name in ("has_para_aortic_node", "has_coeliac_node"):
        yield from _without_site(lesions, "lymph_node")
    if name == "induction_response" and first_line_start(case) is None:
        yield "treatments.line"
    else:
        yield from _FIELDS.get(name, ())


def _without_site(lesions: tuple[SeenLesion, ...], organ: str) -> Iterator[str]:
    for each in lesions:
        if each.organ == organ and not tells_place(organ, each.site):
            yield f"lesions.{each.lesion_id}.site"


@lru_cache(maxsize=8)
def first_line_start(case: BoardCase) -> float | None:
    """When the first palliative line began, in months; None where none has by the board."""
    rows = case.cohort.treatments
    begun = rows.filter((rows["kind"] == "systemic") & (rows["line"] >= 1))
    starts = [each for each in begun["start_months"] if each is not None]
    return min((each for each in starts if each <= case.board_months), default=None)


def label(field: str) -> str:
    """What a field is called on the page; of a lesion's field, with the lesion's name."""
    table, _, column = field.partition(".")
    known = entries("missing.fields")
    if table == "lesions" and "." in column:
        lesion, _, column = column.rpartition(".")
        return text("missing.of_lesion", lesion=lesion, what=known[table][column])
    if isinstance(known.get(table), str) or column not in known[table]:
        return column.replace("_", " ")
    return str(known[table][column])
