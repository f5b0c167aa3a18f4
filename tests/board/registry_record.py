"""An invented study, shaped as the ClinicalTrials.gov API (version 2) answers."""

import copy
import json

ELIGIBILITY = """Inclusion Criteria:

* Histologically confirmed colorectal adenocarcinoma
* At least 2 but no more than 10 metastases on imaging
* ECOG performance status 0-1

Exclusion Criteria:

* Peritoneal carcinomatosis
* Uncontrolled heart disease
"""
RECORD = {
    "protocolSection": {
        "identificationModule": {
            "nctId": "NCT99999999",
            "orgStudyIdInfo": {"id": "INVENTED-1"},
            "briefTitle": "Invented Trial of Local Treatment",
            "officialTitle": "An Invented Randomised Trial of Local Treatment of Metastases",
        },
        "statusModule": {
            "statusVerifiedDate": "2026-01",
            "overallStatus": "RECRUITING",
            "lastUpdatePostDateStruct": {"date": "2026-02-03", "type": "ACTUAL"},
        },
        "designModule": {"studyType": "INTERVENTIONAL", "phases": ["PHASE3"]},
        "armsInterventionsModule": {
            "armGroups": [{"label": "A", "type": "EXPERIMENTAL"}],
            "interventions": [{"type": "PROCEDURE", "name": "Local treatment"}],
        },
        "eligibilityModule": {
            "eligibilityCriteria": ELIGIBILITY,
            "healthyVolunteers": False,
            "sex": "ALL",
            "minimumAge": "18 Years",
            "maximumAge": "80 Years",
            "stdAges": ["ADULT", "OLDER_ADULT"],
        },
    },
    "derivedSection": {"miscInfoModule": {"versionHolder": "2026-03-01"}},
    "hasResults": False,
}
CURATED = """registration: NCT99999999
complete: true
criteria:
  - id: I1
    text: confirmed by histology
    judged: latest
    rule: crc_confirmed
    source: Histologically confirmed colorectal adenocarcinoma
  - id: I2
    text: 2 to 10 metastases
    judged: latest
    rule: lesions between 2 and 10
    source: At least 2 but no more than 10 metastases
  - id: I3
    text: ECOG performance status 0 or 1
    judged: latest
    rule: who_ps <= 1
    source: ECOG performance status 0-1
  - id: X1
    text: no peritoneal metastasis
    judged: latest
    rule: not has_peritoneum
    source: Peritoneal carcinomatosis
  - id: X2
    text: no uncontrolled heart disease
    judged: latest
    source: Uncontrolled heart disease
"""


def record(**eligibility):
    """The text of the record, with some fields of its eligibility replaced."""
    whole = copy.deepcopy(RECORD)
    whole["protocolSection"]["eligibilityModule"].update(eligibility)
    return json.dumps(whole)


def curated(*replaced):
    """The curated criteria, with some words replaced."""
    words = CURATED
    for old, new in replaced:
        assert old in words
        words = words.replace(old, new)
    return words
