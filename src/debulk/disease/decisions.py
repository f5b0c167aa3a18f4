"""The random streams of this room, each claimed once: who draws what.

A stream is read at (lesion, index): the lesion is a slot number, the index a step or 0. Neither
is ever a running counter, so that a mechanism switched off shifts no other draw.
"""

from typing import cast

import numpy as np

from debulk.core.streams import claim


def typed(number: int) -> int:
    """Give an integer constant a type, so that Numba does not compile its callee for it alone."""
    return cast(int, np.int64(number))


WHOLE = typed(0)
"""Place of the lesion in a draw that belongs to the whole patient."""
ONCE = typed(0)
"""Index of a draw that is made once."""
AGAIN = typed(1)
"""Index of the second draw of two."""
FIRST_LINE = typed(1)
"""Number of the first line of therapy."""

# Latent variables of a patient, shared by natural history and course.
GROWTH = claim(1000, "disease: growth of metastases, patient")
GROWTH_PRIMARY = claim(1001, "disease: growth of the primary, own part")
SHEDDING = claim(1002, "disease: shedding")
AGGRESSIVE = claim(1003, "disease: aggressiveness")
AFFINITY = claim(1004, "disease: affinity of organs")
KILL = claim(1005, "disease: drug kill by line")
RESISTANCE = claim(1006, "disease: resistance by line")
FRAILTY = claim(1007, "disease: frailty")
IMMUNITY = claim(1008, "disease: immunity")
AGE = claim(1009, "disease: age at presentation")
SEX = claim(1010, "disease: sex")
RAS = claim(1011, "disease: RAS mutation")
BRAF = claim(1012, "disease: BRAF mutation")
MSI = claim(1013, "disease: microsatellite instability")

# Natural history.
COMPETENCE = claim(1020, "disease: size of dispersal competence")
DIAGNOSIS_SIZE = claim(1021, "disease: size of the primary at diagnosis")
DIAGNOSIS_METASTASES = claim(1022, "disease: volume of metastases at diagnosis")
STAGING_THRESHOLD = claim(1023, "disease: staging threshold")
NODE_POSITIVE = claim(1024, "disease: node positivity")
T_STAGE = claim(1025, "disease: T1-2 or T3-4")
FOLLOW_UP_THRESHOLD = claim(1026, "disease: follow-up threshold")
PRIMARY_KEPT = claim(1027, "disease: primary kept in stage IV")
FOLLOW_UP_PHASE = claim(1028, "disease: first visit after resection of the primary")
OTHER_DEATH = claim(1029, "disease: death from other causes before a recurrence")
BIRTH = claim(1030, "disease: births of metastases of the primary")
LESION_GROWTH = claim(1031, "disease: growth of a metastasis of the primary")
LESION_ORGAN = claim(1032, "disease: organ of a metastasis of the primary")
CLEARANCE = claim(1033, "disease: immune clearance after resection")
ADJUVANT = claim(1040, "disease: adjuvant chemotherapy given")
ADJUVANT_RESISTANCE = claim(1041, "disease: resistant share of an occult lesion")
ADJUVANT_CELLS = claim(1042, "disease: number of resistant cells in an occult lesion")
ADJUVANT_FLUX = claim(1043, "disease: acquired resistance under adjuvant chemotherapy")
ADJUVANT_EXTINCTION_S = claim(1044, "disease: extinction of sensitive cells, adjuvant")
ADJUVANT_EXTINCTION_R = claim(1045, "disease: extinction of resistant cells, adjuvant")
CASCADE_BIRTH = claim(1050, "disease: births of metastases of metastases")
CASCADE_GROWTH = claim(1051, "disease: growth of a metastasis of a metastasis")
CASCADE_ORGAN = claim(1052, "disease: organ of a metastasis of a metastasis")
CASCADE_SAME = claim(1053, "disease: a metastasis of a metastasis stays in the organ")
OTHER_ORGAN = claim(1060, "disease: which other organ")
LOBE = claim(1061, "disease: liver lobe")
STATION = claim(1062, "disease: nodal station")
NEAR_VESSEL = claim(1063, "disease: beside a large vessel")

# Course under treatment.
VISIT_PHASE = claim(1100, "disease: phase of visits")
LESION_RESISTANCE = claim(1101, "disease: resistant share of a lesion by line")
RESISTANT_CELLS = claim(1102, "disease: number of resistant cells in a lesion")
FLUX = claim(1103, "disease: acquired resistance")
EXTINCTION_S = claim(1104, "disease: extinction of sensitive cells")
EXTINCTION_R = claim(1105, "disease: extinction of resistant cells")
SEED = claim(1110, "disease: a new metastasis in the course")
SEED_PARENT = claim(1111, "disease: parent of a new metastasis")
SEED_SAME = claim(1112, "disease: a new metastasis stays in the organ")
SEED_ORGAN = claim(1113, "disease: organ of a new metastasis")
SEED_GROWTH = claim(1114, "disease: growth of a new metastasis")
DEATH = claim(1120, "disease: death")
MAINTAINED = claim(1130, "disease: maintenance after induction")
REINTRODUCED = claim(1131, "disease: line 1 again at progression")
NEXT_LINE = claim(1132, "disease: next line given")
SECONDARY_RESECTION = claim(1133, "disease: secondary resection of a responder")
REPEAT_RESECTION = claim(1134, "disease: repeat resection at recurrence")
RESECTION_CONTROL = claim(1135, "disease: control of a resected lesion")
RESECTION_DEATH = claim(1136, "disease: death after resection")
RESECTION_DEATH_TIME = claim(1137, "disease: time of death after resection")
LOCAL_DELIVERED = claim(1140, "disease: local treatment delivered")
LOCAL_CONTROL = claim(1141, "disease: control of a locally treated lesion")
LOCAL_DEATH = claim(1142, "disease: death after local treatment")
LOCAL_DEATH_TIME = claim(1143, "disease: time of death after local treatment")
LOCAL_RESUMED = claim(1144, "disease: systemic therapy resumed after local treatment")
OCCULT = claim(1121, "disease: an occult metastasis exists")
TOLERANCE = claim(1122, "disease: exposure at which a line is not tolerated")
LINE_VISITS = claim(1124, "disease: phase of a line's visits")
CAUSE = claim(1123, "disease: cause of death")
LOCAL_MORBIDITY = claim(1145, "disease: major complication of local treatment")
STERILISED = claim(1146, "disease: a lesion sterilised by radiation of the organ")
RADIATION = claim(1147, "disease: kill of a lesion by radiation of the organ")
