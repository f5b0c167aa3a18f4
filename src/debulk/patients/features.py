"""The feature table: what rules, scores and reports may ask about a patient."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Literal

import polars as pl

from debulk.core.errors import InputError, nearest
from debulk.patients.columns import RESPONSES, schema
from debulk.patients.course import adjuvant_interval, course
from debulk.patients.extent import EXTENT
from debulk.patients.lesion_features import extents, lesion_counts, one_lobe
from debulk.patients.sight import Moment, see
from debulk.patients.targets import target_sums
from debulk.patients.treatable import treatable_shares

if TYPE_CHECKING:
    from debulk.patients.cohort import Cohort
    from debulk.treatments import Modality

Group = Literal["counts", "lobes", "targets", "extent", "course", "adjuvant", "treatable"]


@dataclass(frozen=True, slots=True)
class Feature:
    """A feature: its type, what it says, and the group it is computed with."""

    dtype: pl.DataType
    text: str
    group: Group


_WHOLE, _NUMBER, _TRUTH = pl.Int32(), pl.Float64(), pl.Boolean()
_RESPONSE = pl.Enum(RESPONSES)

FEATURES: dict[str, Feature] = {
    "organs_involved": Feature(_WHOLE, "organs with a metastasis", "counts"),
    "lesions": Feature(_WHOLE, "metastases", "counts"),
    "hepatic_lesions": Feature(_WHOLE, "metastases in the liver", "counts"),
    "extrahepatic_lesions": Feature(_WHOLE, "metastases outside the liver", "counts"),
    "lung_lesions": Feature(_WHOLE, "metastases in the lung", "counts"),
    "lesions_without_size": Feature(_WHOLE, "metastases whose size is unknown", "counts"),
    "lesions_removed": Feature(_WHOLE, "metastases removed by complete local treatment", "counts"),
    "lesions_disappeared": Feature(_WHOLE, "metastases that have disappeared by now", "counts"),
    "liver_only": Feature(_TRUTH, "metastases, and all of them in the liver", "counts"),
    "has_lung": Feature(_TRUTH, "a lung metastasis", "counts"),
    "has_pleura": Feature(_TRUTH, "a pleural metastasis", "counts"),
    "has_peritoneum": Feature(_TRUTH, "a peritoneal metastasis", "counts"),
    "has_lymph_node": Feature(_TRUTH, "a distant nodal metastasis", "counts"),
    "has_bone": Feature(_TRUTH, "a bone metastasis", "counts"),
    "has_brain": Feature(_TRUTH, "a brain metastasis", "counts"),
    "has_adrenal": Feature(_TRUTH, "an adrenal metastasis", "counts"),
    "has_ovary": Feature(_TRUTH, "an ovarian metastasis", "counts"),
    "has_para_aortic_node": Feature(_TRUTH, "a para-aortic nodal metastasis", "counts"),
    "has_coeliac_node": Feature(_TRUTH, "a coeliac nodal metastasis", "counts"),
    "largest_diameter_mm": Feature(
        _NUMBER, "diameter of the largest metastasis; unknown if a size is, 0 with none", "counts"
    ),
    "largest_known_diameter_mm": Feature(
        _NUMBER, "diameter of the largest metastasis of known size", "counts"
    ),
    "largest_liver_diameter_mm": Feature(
        _NUMBER,
        "diameter of the largest liver metastasis; unknown if a size is, 0 with none",
        "counts",
    ),
    "volume_ml": Feature(_NUMBER, "volume of all metastases; unknown if a size is", "counts"),
    "liver_volume_ml": Feature(_NUMBER, "volume of the liver metastases", "counts"),
    "tumour_burden_score": Feature(
        _NUMBER,
        "sqrt(largest liver metastasis in cm squared + liver metastases squared), null without "
        "liver metastases (Sasaki 2018, doi:10.1097/SLA.0000000000002064; the formula was read in "
        "another group's published code)",
        "counts",
    ),
    "liver_one_lobe": Feature(
        _TRUTH, "liver metastases, and all in one lobe (right, left or caudate)", "lobes"
    ),
    "sum_diameters_mm": Feature(
        _NUMBER,
        "sum of target diameters: at entry the largest, at most two an organ and five in all, at "
        "least 10 mm (nodes 15 mm); unknown if a size is",
        "targets",
    ),
    "extent_k2": Feature(EXTENT, "extent, multi-organ from 2 extrahepatic lesions", "extent"),
    "extent_k4": Feature(EXTENT, "extent, multi-organ from 4 extrahepatic lesions", "extent"),
    "palliative_line": Feature(
        _WHOLE, "latest palliative line begun by the board's moment", "course"
    ),
    "first_line": Feature(_TRUTH, "the latest palliative line is the first", "course"),
    "first_line_months": Feature(_NUMBER, "start of the first palliative line", "course"),
    "best_response": Feature(_RESPONSE, "best response since the first palliative line", "course"),
    "induction_response": Feature(
        _RESPONSE, "first response assessed after the first palliative line began", "course"
    ),
    "months_adjuvant_to_extrahepatic": Feature(
        _NUMBER,
        "months from the end of adjuvant therapy to the first metastasis outside the liver",
        "adjuvant",
    ),
    "treatable_share": Feature(
        _NUMBER, "share of the metastases that can be treated locally, by count", "treatable"
    ),
    "treatable_share_volume": Feature(_NUMBER, "the same share, by volume", "treatable"),
    "planned_sessions": Feature(_WHOLE, "sessions the plan of local treatment takes", "treatable"),
    "planned_weeks": Feature(_NUMBER, "weeks the plan of local treatment takes", "treatable"),
}
"""Every feature by its name. Null is unknown. Where a patient's list of lesions is incomplete
(`lesion_list_complete` false) the counts are lower bounds, flags can be true or unknown, and
sizes, shares and most extents are unknown."""


def feature_types() -> dict[str, pl.DataType]:
    """Type of every name a rule may use: the patients' columns and the features."""
    return dict(_types())


@cache
def _types() -> dict[str, pl.DataType]:
    return schema("patients") | {name: each.dtype for name, each in FEATURES.items()}


def features(
    cohort: Cohort,
    *,
    moment: Moment = "now",
    only: Iterable[str] | None = None,
    modalities: Mapping[str, Modality] | None = None,
) -> pl.DataFrame:
    """Feature table of a cohort; see `Cohort.features`."""
    if moment not in ("now", "entry"):
        raise InputError("moment", f"{moment!r} is no moment", "Say 'now' or 'entry'")
    own = cohort.patients.columns
    wanted = list(FEATURES) if only is None else [each for each in only if each not in own]
    for name in wanted:
        if name not in FEATURES:
            raise InputError("only", f"no feature {name!r}", nearest(name, [*FEATURES, *own]))
    names = list(dict.fromkeys(wanted))
    asked = {name: FEATURES[name].group for name in names}
    parts = pl.collect_all(_parts(cohort, moment, asked, modalities))
    found = {column.name: column for part in parts for column in part if column.name in asked}
    chosen = [found[name].cast(FEATURES[name].dtype) for name in names]
    return pl.DataFrame([*cohort.patients.get_columns(), *chosen])


def _parts(
    cohort: Cohort,
    moment: Moment,
    asked: Mapping[str, Group],
    modalities: Mapping[str, Modality] | None,
) -> list[pl.LazyFrame]:
    """Groups of features, each a row a patient in order."""
    groups = set(asked.values())
    if not groups:
        return []
    sight = see(cohort, moment)
    if len(groups) > 1:
        # Several groups look at the same lesions: look them up once.
        sight = replace(sight, metastases=sight.metastases.collect().lazy())
    parts = []
    if groups & {"counts", "extent"}:
        counts = lesion_counts(cohort, sight, asked)
        if "extent" in groups:
            counts = extents(cohort, sight, counts, moment)
        parts.append(counts.select(name for name in asked if asked[name] in ("counts", "extent")))
    if "lobes" in groups:
        parts.append(one_lobe(cohort, sight))
    if "targets" in groups:
        parts.append(target_sums(cohort, sight, moment))
    if "course" in groups:
        parts.append(course(cohort, sight))
    if "adjuvant" in groups:
        parts.append(adjuvant_interval(cohort, sight))
    if "treatable" in groups:
        parts.append(treatable_shares(cohort, sight, modalities))
    return parts
