"""The random streams that patient generators claim, one a decision."""

from __future__ import annotations

from debulk.core.streams import claim

LEVEL = claim(3050, "generators: level of a patient's stratum (index: stratum)")
DEATH = claim(3051, "generators: death, or death before progression")
PROGRESSION = claim(3052, "generators: progression")
VISIT = claim(3053, "generators: first assessment")
CURED = claim(3054, "generators: cure")
OTHER_DEATH = claim(3055, "generators: death of other causes in a cure model")
DEATH_AFTER = claim(3056, "generators: death after progression")
ROW = claim(3057, "generators: patient of the cohort that is drawn again")
DEATH_COMPLETED = claim(3058, "generators: death of a patient censored in the cohort")
PROGRESSION_COMPLETED = claim(3059, "generators: progression of a patient censored in the cohort")
RANK = claim(3060, "generators: place of a patient on the survival curves of two arms")
