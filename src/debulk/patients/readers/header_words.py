"""What a column is probably called elsewhere: names in English, German, French and Spanish."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Guess:
    """A column of the cohort that a header probably means.

    Attributes
    ----------
    table, column : str
        The cohort's.
    unit : str
        Unit that the header names; empty where it names none.
    """

    table: str
    column: str
    unit: str = ""


# The first that fits decides; patterns stand apart by spaces, for headers as `plain_header` makes
# them.
_HEADERS: tuple[tuple[str, str, str], ...] = (
    ("patients", "patient_id",
     r"(patient|pat|pt|subject|usubj|record|study|case)_?(id|nr|no|num|number|nummer)? "
     r"id pid mrn person_id"),
    ("patients", "age_years", r"(age|alter|edad)(_.*)?"),
    ("patients", "sex", r"sex gender geschlecht sexe sexo"),
    ("patients", "primary_site",
     r"(primary|primaire|primario).*(site|loc|side|seite|lokalisation) sidedness "
     r"side tumou?r_location primarius"),
    ("patients", "who_ps", r"(ecog|who)(_?ps)?(_.*)? performance_status ps"),
    ("patients", "cea_ug_l", r"cea ace cea_.*"),
    ("patients", "ras", r"k?ras(_.*)?"),
    ("patients", "braf", r"braf(_.*)?"),
    ("patients", "msi", r"msi(_.*)? mmr(_.*)?"),
    ("patients", "synchronous", r"synchron.* metachron.*"),
    ("patients", "t_stage", r"p?t(_?stage|_?stadium)? tnm_t"),
    ("patients", "n_positive", r"(n|nodes|ln)_?(pos|positive).* positive_(nodes|ln)"),
    ("patients", "asa", r"asa(_.*)?"),
    ("patients", "centre", r"cent(re|er|rum|ro) hospital klinik site_?id dag"),
    ("patients", "randomised_months", r"(date_|dt_)?(of_)?rando.*"),
    ("patients", "arm", r"(treatment_)?(arm|group|gruppe|bras|brazo)"),
    ("followup", "last_months",
     r".*(last|letzt|dern|ultim).*(contact|fu|follow|kontakt|nouvelles|contacto|seen|date|datum)? "
     r"follow_?up.* fu(_.*)? os_(months|days|time) survival_time .*death.*(date|dt) "
     r"(date|dt).*(death|deces) todesdatum"),
    ("followup", "dead",
     r"dead death died deceased vital_?status status verstorben tod deces muerto "
     r"os_(event|status) event"),
    ("followup", "progression_months", r".*progress.* pfs(_.*)? .*recurr.* rezidiv.*"),
    ("followup", "cause", r"cause(_of_death)? todesursache"),
    ("lesions", "lesion_id", r"(lesion|tumou?r|met)_?(id|nr|no|number)"),
    ("lesions", "organ",
     r"organ organe organo met(astasis)?_?(site|location) lesion_?(site|location) "
     r"tuloc"),
    ("lesions", "diameter_mm", r".*(diam|size|groe?sse|taille|tamano|durchmesser).*"),
    ("lesions", "detected_months",
     r".*(detect|scan|imaging|lesion).*(date|datum|dt) date_(of_)?(scan|ct|imaging)"),
    ("treatments", "name",
     r"(regimen|drug|chemo(therapy)?|treatment|therapie|procedure|operation|surgery|eingriff)(_?name|_?type)?"),
    ("treatments", "line", r"(treatment_|therapy_)?line(_.*)? linie ligne"),
    ("treatments", "start_months",
     r".*(start|begin|debut|inicio).* "
     r"(date|datum|dt)_?(of_)?(surgery|op|operation|treatment) op_datum"),
    ("treatments", "end_months", r".*(end|stop|ende|fin)_?(date|datum|dt)?"),
    ("treatments", "intent", r"intent(ion)?"),
    ("treatments", "completeness", r"(r|resection)_?(status|margin|0) completeness"),
    ("assessments", "response", r"(recist|best_?|tumou?r_)?response recist ansprechen reponse"),
    ("assessments", "sum_diameters_mm", r"(sum|sld|sod).*"),
)  # fmt: skip

_UNITS = {
    "cm": "cm", "mm": "mm", "days": "days", "tage": "days", "jours": "days", "weeks": "weeks",
    "months": "months", "monate": "months", "mois": "months", "years": "years", "yrs": "years",
    "ngml": "ng/ml", "ugl": "ug/l", "mgl": "mg/l", "pct": "percent", "percent": "percent",
}  # fmt: skip

_TIME_ZERO = re.compile(r".*(diag|dx|metasta|erstdiagnose|rando|inclusion|index).*")

WORDS: dict[str, dict[str, str]] = {
    "sex": {"m": "male", "male": "male", "man": "male", "mannlich": "male", "f": "female",
            "female": "female", "w": "female", "weiblich": "female", "woman": "female"},
    "primary_site": {"right": "right", "left": "left", "rectum": "rectum", "rechts": "right",
                     "links": "left", "rektum": "rectum"},
    "ras": {"wt": "wild_type", "wild type": "wild_type", "wildtype": "wild_type",
            "mut": "mutated", "mutant": "mutated", "mutated": "mutated"},
    "msi": {"mss": "stable", "msi-h": "high", "pmmr": "stable", "dmmr": "high"},
    "organ": {"liver": "liver", "lung": "lung", "peritoneum": "peritoneum", "leber": "liver",
              "lunge": "lung", "foie": "liver", "poumon": "lung", "node": "lymph_node",
              "lymph node": "lymph_node", "bone": "bone", "brain": "brain"},
    "completeness": {"r0": "complete", "r1": "incomplete", "r2": "incomplete"},
    "dead": {"dead": "true", "deceased": "true", "alive": "false", "y": "true", "n": "false"},
}  # fmt: skip
"""Words that stand for ours in a column; codes such as 1 and 2 are never guessed."""
WORDS["braf"] = WORDS["ras"]


def plain_header(text: str) -> str:
    """A header in lower case, without accents, with one underscore for every other sign."""
    bare = unicodedata.normalize("NFKD", text.replace("ß", "ss"))
    bare = "".join(each for each in bare if not unicodedata.combining(each))
    bare = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", bare)
    return re.sub(r"[^a-z0-9]+", "_", bare.lower()).strip("_")


def guess_of(header: str) -> Guess | None:
    """The column that a header probably means; None where no name is near."""
    plain = plain_header(header)
    unit = next((_UNITS[part] for part in plain.split("_") if part in _UNITS), "")
    if re.search(r"(ng|ug|mg)_m?l$", plain):
        unit = "/".join(plain.split("_")[-2:])
    without = re.sub(r"_(cm|mm|days|weeks|months|years|ng_ml|ug_l|mg_l)$", "", plain)
    for table, column, pattern in _HEADERS:
        if any(re.fullmatch(each, name) for each in pattern.split() for name in (plain, without)):
            return Guess(table, column, unit)
    return None


def may_be_time_zero(header: str) -> bool:
    """Whether a date column's name speaks of a diagnosis, a randomisation or an index date."""
    return _TIME_ZERO.fullmatch(plain_header(header)) is not None
