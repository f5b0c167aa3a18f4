"""What the course reports of each patient."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

RESPONSES = ("CR", "PR", "SD", "PD", "not assessed")
"""Words for the codes of `Course.response`."""

CAUSES = ("alive", "tumour", "treatment", "other")
"""Words for the codes of `Course.cause`."""


@dataclass(frozen=True)
class Watch:
    """What a patient's tumour does over time: a row a patient, a column every 63 days.

    Column c is the end of step ``3 c`` counted from the start of line 1 (column 0: the start). NaN
    after death. All float32.

    Attributes
    ----------
    months : float64[columns]
        Since the start of line 1.
    sum_diameters_mm : float32[n, columns]
        Of the metastases that imaging showed at the start of line 1; too small ones count 0.
    seen_sum_diameters_mm : float32[n, columns]
        Of all metastases that imaging shows now.
    lesions_seen : float32[n, columns]
    new_lesion : float32[n, columns]
        1 once a metastasis is seen that was not there at the start of line 1.
    living_cells : float32[n, columns]
        Of the whole body, primary included.
    volume_ml : float32[n, columns]
        Living and dead, primary included.
    load : float32[n, columns]
        Sum over organs of volume over the volume at which the organ fails.
    line : float32[n, columns]
        Line of therapy, 4 beyond the last.
    drug : float32[n, columns]
        Share of the last step on drug.
    """

    months: npt.NDArray[np.float64]
    sum_diameters_mm: npt.NDArray[np.float32]
    seen_sum_diameters_mm: npt.NDArray[np.float32]
    lesions_seen: npt.NDArray[np.float32]
    new_lesion: npt.NDArray[np.float32]
    living_cells: npt.NDArray[np.float32]
    volume_ml: npt.NDArray[np.float32]
    load: npt.NDArray[np.float32]
    line: npt.NDArray[np.float32]
    drug: npt.NDArray[np.float32]


@dataclass(frozen=True)
class Followed:
    """Single lesions over time, at the columns of `Watch`: those of the presenter, then new ones.

    Attributes
    ----------
    diameter_mm : float32[n, places, columns]
        Of what imaging measures, living and dead; NaN where there is none and after death. A new
        metastasis may stand where an earlier one has died out.
    shown : bool[n, places, columns]
        Whether imaging shows it; a primary in place always.
    organ : int8[n, places]
        Code in `debulk.core.anatomy.ORGANS`; -1 where there never was one.
    """

    diameter_mm: npt.NDArray[np.float32]
    shown: npt.NDArray[np.bool_]
    organ: npt.NDArray[np.int8]


@dataclass(frozen=True)
class Course:
    """What happened to each patient; times are months from randomisation (end of the run-in).

    Attributes
    ----------
    death_months : float64[n]
        Infinite where alive at the horizon; negative where death came in the run-in.
    cause : int8[n]
        Of death: 0 alive, 1 tumour, 2 treatment, 3 other; words in `CAUSES`.
    progression_months : float64[n]
        The visit that finds the first RECIST progression; infinite where none before death or
        horizon. At most 0 where it came in the run-in.
    liver_progression_months : float64[n]
        The same of liver metastases alone, as long as there are visits: beyond the last line of
        therapy there are none after the first progression.
    progression_site : int8[n]
        Where the first progression showed: 1 liver, 2 elsewhere, 3 both; 0 where there was none.
    eligible_at_randomisation : bool[n]
        Alive and not progressed at the end of the run-in.
    response : int8[n]
        At the end of the run-in: 0 complete, 1 partial, 2 stable, 3 progressive, 4 not assessed.
    confirmed_response : bool[n]
        Sum of diameters 30 % below baseline at two visits in a row before progression.
    early_change : float64[n]
        Sum of diameters nine weeks after the start of line 1 over the baseline, less 1; NaN where
        not assessed.
    best_change : float64[n]
        Smallest sum of diameters before progression and local treatment over the baseline, less 1;
        NaN where never assessed.
    line_start_months, line_end_months : float64[n, 3]
        Start of each line, and the progression that ended it; NaN where not given, infinite where
        not ended before death or horizon.
    local_months : float64[n]
        Local treatment; NaN where it was not done.
    visible_at_local : int16[n]
        Metastases that imaging shows when local treatment is done.
    treated, treated_visible, controlled : int16[n]
        Lesions treated, those among them that imaging shows, and those that never grow back.
    used : int64[n]
        Modalities used, a bit each: bit m is `ModalityTables.names[m]`.
    died_within_90_days : bool[n]
        Of local treatment, whatever the cause.
    systemic_days_lost : float64[n]
        Days without the drug that was planned, up to progression.
    resections : int8[n]
        Secondary and repeat resections outside the trial's arms.
    tumour_free : bool[n]
        No living metastatic cell is left at death or horizon.
    visit_phase_months : float64[n]
        First visit after randomisation; further visits every `visit_interval_months`.
    visit_interval_months : float
    run_in_diameter_mm : float64[lesions]
        Of each lesion of the presenters at the end of the run-in; 0 where death came first.
    run_in_visible : bool[lesions]
        Whether imaging shows it then.
    watch : Watch or None
        The tumour over time, where asked for.
    followed : Followed or None
        Single lesions over time, where asked for.
    """

    death_months: npt.NDArray[np.float64]
    cause: npt.NDArray[np.int8]
    progression_months: npt.NDArray[np.float64]
    liver_progression_months: npt.NDArray[np.float64]
    progression_site: npt.NDArray[np.int8]
    eligible_at_randomisation: npt.NDArray[np.bool_]
    response: npt.NDArray[np.int8]
    confirmed_response: npt.NDArray[np.bool_]
    early_change: npt.NDArray[np.float64]
    best_change: npt.NDArray[np.float64]
    line_start_months: npt.NDArray[np.float64]
    line_end_months: npt.NDArray[np.float64]
    local_months: npt.NDArray[np.float64]
    visible_at_local: npt.NDArray[np.int16]
    treated: npt.NDArray[np.int16]
    treated_visible: npt.NDArray[np.int16]
    used: npt.NDArray[np.int64]
    controlled: npt.NDArray[np.int16]
    died_within_90_days: npt.NDArray[np.bool_]
    systemic_days_lost: npt.NDArray[np.float64]
    resections: npt.NDArray[np.int8]
    tumour_free: npt.NDArray[np.bool_]
    visit_phase_months: npt.NDArray[np.float64]
    visit_interval_months: float
    run_in_diameter_mm: npt.NDArray[np.float64]
    run_in_visible: npt.NDArray[np.bool_]
    watch: Watch | None = None
    followed: Followed | None = None

    def __len__(self) -> int:
        """Number of patients."""
        return int(self.death_months.size)
