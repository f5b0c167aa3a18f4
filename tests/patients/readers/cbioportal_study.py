"""A study of four invented patients, written file by file as a cBioPortal folder has them."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest

data = pytest.mark.data
needs_data = pytest.mark.skipif(
    not os.environ.get("DEBULK_DATA"), reason="DEBULK_DATA names no folder of patients' tables"
)

COMMENTS = (
    "#Patient Identifier\tOverall Survival (Months)",
    "#Identifier\tOverall survival from date of first sequenced sample to death or last contact",
    "#STRING\tNUMBER",
    "#1\t1",
)

# Day 0 of the time lines is the first sequencing. Days from diagnosis: add the entry.
# A: stage IV. B: stage II, liver seen on day 400. C: stage III, never metastatic. D: no reports.
FILES: dict[str, tuple[str, ...]] = {
    "meta_study.txt": (
        "cancer_study_identifier: tiny_2024",
        "description: under the Creative Commons BY-NC-ND 4.0 license",
    ),
    "bulk/data_clinical_patient.txt": (
        *COMMENTS,
        "PATIENT_ID\tGENDER\tOS_MONTHS\tOS_STATUS\tNUM_ICDO_DX\tPRIOR_MED_TO_MSK",
        "A\tFemale\t30\t1:DECEASED\t1\tNo prior medications",
        "B\tMale\t40\t0:LIVING\t1\tNo prior medications",
        "C\tFemale\t20\t0:LIVING\t2\tUnknown",
        "D\tMale\t10\t0:LIVING\t1\tPrior medications to MSK",
    ),
    "authors/outcomes.csv": (
        "PATIENT_ID,AGE,entry,stop,dead,STAGE_IV_DX,STAGE_I-III_PROG,STAGE 2,STAGE 3,STAGE 4,"
        "KRAS,NRAS,BRAF,MSI_OR_dMMR,RECTAL,ASCENDING,CECUM,SEQUENCING_YEAR,"
        "stop_DMETS_DX_LUNG,dead_DMETS_DX_LUNG",
        "A,60,50,963,1,1,0,False,False,True,1,0,0,0,1,0,0,2018,500,1",
        "B,70,100,1317,0,0,1,True,False,False,0,0,1,1,0,1,1,2019,0,0",
        "C,50,10,618,0,0,0,False,True,False,0,0,0,0,0,0,0,2020,0,0",
        "D,55,20,324,0,1,0,False,False,True,0,1,0,0,0,0,0,2021,0,0",
        "D,55,20,324,0,1,0,False,False,True,0,1,0,0,0,0,0,2021,0,0",
    ),
    "bulk/data_timeline_surgery.txt": (
        "PATIENT_ID\tSTART_DATE\tSTOP_DATE\tEVENT_TYPE\tSUBTYPE",
        "A\t100\t\tSURGERY\tPROCEDURE",
        "A\t100\t\tSURGERY\tSAMPLE",
        "A\t200\t\tSURGERY\tSAMPLE",
        "A\t914\t\tSURGERY\tPROCEDURE",  # a day after death
        "B\t10\t\tSURGERY\tPROCEDURE",  # the primary, before the metastases
        "B\t350\t\tSURGERY\tPROCEDURE",
        "C\t0\t\tSURGERY\tPROCEDURE",
    ),
    "bulk/data_timeline_radiation.txt": (
        "PATIENT_ID\tSTART_DATE\tSTOP_DATE\tEVENT_TYPE\tSUBTYPE",
        "A\t300\t\tTREATMENT\tRadiation Therapy",
    ),
    "bulk/data_timeline_specimen_surgery.txt": (
        "PATIENT_ID\tSTART_DATE\tSTOP_DATE\tEVENT_TYPE\tSUBTYPE\tSAMPLE_ID\tSEQ_DATE",
        "A\t-20\t\tSample acquisition\t\tA-1\t0",
        "B\t350\t\tSample acquisition\t\tB-1\t0",
    ),
    "scraped/data_clinical_sample.tsv.gz": (
        "PATIENT_ID\tSAMPLE_ID\tCancer Type\tSample Type\tMetastatic Site\tDiagnosis Description",
        "A\tA-1\tColorectal Cancer\tPrimary\t\tRectum",
        "B\tB-1\tColorectal Cancer\tMetastasis\tLiver\tCecum",
        "C\tC-1\tColorectal Cancer\tPrimary\t\tRectosigmoid Junction",
    ),
    "scraped/data_timeline_tumor_sites.tsv.gz": (
        "PATIENT_ID\tSTART_DATE\tEVENT_TYPE\tSUBTYPE\tTUMOR_SITE",
        "A\t-60\tDiagnosis\tTumor Sites\tLiver",  # 10 days before the diagnosis
        "A\t-60\tDiagnosis\tTumor Sites\tOther",
        "A\t150\tDiagnosis\tTumor Sites\tReproductive Organs",
        "B\t-80\tDiagnosis\tTumor Sites\tLiver",  # day 20: contradicts the stage
        "B\t300\tDiagnosis\tTumor Sites\tLiver",  # day 400
        "B\t-50\tDiagnosis\tTumor Sites\tLymph Nodes",
        "B\t500\tDiagnosis\tTumor Sites\tLymph Nodes",
        "C\t0\tDiagnosis\tTumor Sites\tLymph Nodes",
    ),
    "scraped/data_timeline_progression.tsv.gz": (
        "PATIENT_ID\tSTART_DATE\tEVENT_TYPE\tSUBTYPE\tPROGRESSION",
        "A\t-60\tDiagnosis\tProgression\tN",
        "A\t150\tDiagnosis\tProgression\tY",
        "A\t150\tDiagnosis\tProgression\tN",
        "A\t160\tDiagnosis\tProgression\tIndeterminate",
        "B\t300\tDiagnosis\tProgression\tY",
        "C\t0\tDiagnosis\tProgression\tN",
    ),
    "scraped/data_timeline_performance_status.tsv.gz": (
        "PATIENT_ID\tSTART_DATE\tEVENT_TYPE\tSUBTYPE\tECOG",
        "A\t-40\tDiagnosis\tPerformance Status\t1",
    ),
    "scraped/data_timeline_cea_labs.tsv.gz": (
        "PATIENT_ID\tSTART_DATE\tEVENT_TYPE\tTEST\tLR_UNIT_MEASURE\tRESULT",
        "A\t-60\tLAB_TEST\tCEA\tng/ml\t12.5",
        "A\t150\tLAB_TEST\tCEA\tng/ml\t<0.6",
        "B\t-1000\tLAB_TEST\tCEA\tng/ml\t3",  # 900 days before the diagnosis
    ),
    "scraped/data_timeline_treatment.tsv.gz": (
        "PATIENT_ID\tSTART_DATE\tSTOP_DATE\tEVENT_TYPE\tSUBTYPE\tAGENT",
        "A\t-30\t100\tTreatment\tChemo\tFLUOROURACIL",
        "A\t-30\t60\tTreatment\tChemo\tOXALIPLATIN",
        "A\t-10\t100\tTreatment\tBiologic\tBEVACIZUMAB",
        "A\t155\t250\tTreatment\tChemo\tFLUOROURACIL",
        "A\t155\t2000\tTreatment\tChemo\tIRINOTECAN",
        "A\t40\t41\tTreatment\tBone Treatment\tZOLEDRONIC ACID",
        "A\t60\t61\tTreatment\tChemo\tYTTRIUM Y-90 THERASPHERES",
        "B\t0\t180\tTreatment\tChemo\tCAPECITABINE",
    ),
    "scraped/row_counts_and_truncation.tsv": (
        "PATIENT_ID\tDiagnosis_n\tdiagnosis_table_truncated\tlab_table_truncated\t"
        "diagnosis_table_last_day\tlab_table_last_day",
        "A\t50.0\t1\t0\t160.0\t150.0",
        "B\t5.0\t0\t0\t500.0\t",
    ),
}


def write(folder: Path, **changed: tuple[str, ...] | None) -> Path:
    """Write the study; a keyword replaces (None: leaves out) the file with that in its name."""
    for name, lines in FILES.items():
        for part, other in changed.items():
            if part in name:
                lines = other
        if lines is None:
            continue
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        content = ("\n".join(lines) + "\n").encode()
        file.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    return folder
