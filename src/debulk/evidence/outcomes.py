"""What a finding is about, told from the words of its quantity."""

from __future__ import annotations

import re

Rules = tuple[tuple[str, str], ...]

PART_RULES: Rules = (
    ("overall survival", r"#(\w+-)?os(-|$)|#deaths"),
    ("progression-free survival", r"#(.*-)?pfs\d?(-|$)"),
    ("disease-free survival", r"#(.*-)?(dfs|rfs)(-|$)"),
    ("response", r"#(response|orr|disease-control)|#.*shrinkage$|#depth-of-response"),
    ("operative mortality", r"#(mortality|death-90-d)|italian multicentre.*#death$"),
    ("complications", r"#serious|#.*grade-3"),
    ("local control", r"#.*liver-first"),
    ("recurrence", r"#hepatic-ttr"),
    ("resectability", r"other results#(resection|r0)-|#r1-share"),
    ("delivery", r"other results#(complete-res|not-res|transplant|liver-vol|randomisation-to)"),
    ("burden", r"total cells.*#"),
)
"""For one number of a printed pair, matched with "quantity#part" before its quantity alone."""

RULES: Rules = (
    (
        "protocol",
        r"^(population|phase|treatment|moment of randomisation|planned patients"
        r"|primary endpoint|design assumption|state of the trial)$",
    ),
    ("accrual", r"accrual|enrolled patients"),
    ("quality of life", r"quality of life|hrqol|fatigue"),
    ("other", r"^share of the \d+"),
    ("prognostic score", r"score|\bcrs (points|groups)|game points|^groups$|risk factors"),
    ("prognostic score", r"\btbs\b|relative contraindications"),
    ("biomarker", r"ctdna|\bcea\b"),
    ("local control", r"local control|local tumour progression|local recurrence|\blc\b|\bltp"),
    ("local control", r"\bsbrt\b|outside field|disappear|watched dlm|complete remission"),
    ("growth", r"doubling|growth|net rate|volume change|volumetric|age of overt|metastasis model"),
    ("growth", r"branching model|claret 2009 structure"),
    ("resistance", r"birth rate|death rate|mutation|resistan|sequential therapy"),
    ("operative mortality", r"mortality|operative death|treatment-related death"),
    ("complications", r"complication|morbidity|adverse event|\bsae\b|death/major/minor"),
    ("cure", r"\bcured?\b|certainty of cure|free of disease|plateau"),
    ("cancer-specific survival", r"cancer-specific|\bcss\b|\bdss\b|dying later of cancer"),
    ("overall survival", r"^rr$|^rr death|no chemo /"),
    ("disease-free survival", r"\b(dfs|rfs)\b|disease-free|recurrence-free|relapse-free|^adjuvant"),
    ("progression-free survival", r"\bpfs\d?\b|progression-free|for progression|^chemo pause"),
    ("progression-free survival", r"^perioperative"),
    ("response", r"\b(rr|orr|dcr)\b|response|\bets\b|shrinkage|tumour-size metrics"),
    ("overall survival", r"\bos\b|survival|survivors|for death|untreated"),
    ("resectability", r"resectab|converted|r0/r1 rate|eligible for surgery|central vs local"),
    ("resectability", r"r0-resected|r1 rate"),
    ("recurrence", r"recurren|relapse|\bttr\b"),
    ("delivery", r"debulking|received chemo|metastasectom|procedures|resected/|operated/"),
    ("delivery", r"resection rate"),
    ("burden", r"number of|detectable lesion|total cells|pts with|patients with|^share$"),
    ("spread", r"metasta(sis|ses|tic)|peritoneal|involvement|\behd\b|developing crlm|liver-only"),
    ("spread", r"cascade|rectal vs colon"),
)
"""Outcome and the pattern that tells it, in the order in which they are tried."""


def outcome_of(key: str, quantity: str) -> str:
    """What a finding is about.

    Parameters
    ----------
    key : str
        Its key; behind ``#`` stands which number of a printed pair it is.
    quantity : str
        Its quantity.

    Returns
    -------
    str
        One of `debulk.evidence.schema.OUTCOMES`; ``"other"`` where no rule fits.
    """
    if key.startswith("eligibility:"):
        return "eligibility"
    words, part = quantity.lower(), key.partition("#")[2]
    told = _first(PART_RULES, f"{words}#{part.lower()}") if part else ""
    return told or _first(RULES, words) or "other"


def _first(rules: Rules, words: str) -> str:
    return next((outcome for outcome, pattern in rules if re.search(pattern, words)), "")
