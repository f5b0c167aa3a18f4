"""Which concepts of an OMOP database mean what: a few that are sure, the rest the user's."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from debulk.core.anatomy import ORGANS
from debulk.core.errors import nearest
from debulk.core.yaml_files import read_yaml, validated
from debulk.patients.readers.mapping_schema import Part

SEX = {8507: "male", 8532: "female"}
"""Standard concepts of person.gender_concept_id (OHDSI's vocabulary "Gender")."""

WHO_PS = (36305384,)
"""Standard concept "ECOG Performance Status score" (LOINC 89247-1)."""

CEA_LOINC = "2039-6"
"""LOINC code of carcinoembryonic antigen, as measurement_source_value may hold it."""

BOWEL_ICD = ("C18", "C19", "C20")
"""ICD-10 of bowel cancer, as condition_source_value may hold it."""

DRUGS = (
    "fluorouracil", "capecitabine", "oxaliplatin", "irinotecan", "leucovorin", "levoleucovorin",
    "folinic acid", "bevacizumab", "aflibercept", "ramucirumab", "cetuximab", "panitumumab",
    "regorafenib", "trifluridine", "tipiracil", "raltitrexed", "tegafur", "encorafenib",
    "pembrolizumab", "nivolumab", "ipilimumab", "fruquintinib", "mitomycin",
)  # fmt: skip
"""Drugs against bowel cancer, looked for in the names of concepts and in source values."""


class OmopConcepts(Part):
    """What a database's own concepts mean, beyond what is known without a mapping file.

    Concept ids are those of the ``*_concept_id`` columns; ``metastasis`` gives the organ of each,
    ``local`` the card of each procedure.
    """

    diagnosis: list[int] = Field(default_factory=list)
    metastasis: dict[int, str] = Field(default_factory=dict)
    local: dict[int, str] = Field(default_factory=dict)
    systemic: list[int] = Field(default_factory=list)
    regimen: list[int] = Field(default_factory=list)
    cea: list[int] = Field(default_factory=list)
    who_ps: list[int] = Field(default_factory=list)


class OmopMapping(Part):
    """A mapping file for an OMOP database."""

    name: str = "OMOP database"
    concepts: OmopConcepts = Field(default_factory=OmopConcepts)


def read_omop_mapping(path: str | Path | None) -> OmopMapping:
    """The mapping file, or what is known without one.

    Raises
    ------
    InputError
        If the file is no such mapping, or names an organ that is none.
    """
    if path is None:
        return OmopMapping()
    document = read_yaml(Path(path))
    mapping = validated(OmopMapping, document)
    for concept, organ in mapping.concepts.metastasis.items():
        if organ not in ORGANS:
            place = ("concepts", "metastasis", str(concept))
            raise document.error(place, f"{organ!r} is no organ", nearest(organ, ORGANS))
    return mapping
