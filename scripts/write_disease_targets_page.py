"""Write docs/reference/disease-targets.md: the calibration targets and what the model gives.

Run it after a calibration or a change of the targets, with no argument; with --prior it shows the
medians of the priors, with --patients N a smaller sample.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from debulk.disease.model import load_model, prior_model
from debulk.disease.summaries import patient_summary
from debulk.disease.targets.evaluation import PATIENTS, evaluate_targets
from debulk.disease.targets.table import SUMMARY
from debulk.evidence import citation, finding
from debulk.reports.target_tables import shown

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "disease-targets.md"


ABOUT = (
    "Every target cites rows of the table of evidence of role *calibration*, or an aggregate of",
    "a table of patients; a row of another role is refused when the targets are read. The interval",
    "is that of the source (*published*); else it follows from the source's n (*derived*):",
    "",
    "- binomial: Wilson's interval of a share;",
    "- greenwood: Greenwood's variance S(1 - S)/n on the scale log(-log S), as if nobody were",
    "  censored before;",
    "- median: m exp(± 1.96 / (ln 2 √n)), Greenwood's error at S = 1/2 over an exponential's",
    "  density there; the variances of two medians add up in their difference;",
    "- hazard ratio: variance of its log 4/d from d events; hazard ratio p: from its two-sided p;",
    "- standard error: the mean ± 1.96 standard errors;",
    "- difference of shares: ± 1.96 √(1/(2 n)), n patients an arm;",
    "",
    "else it is the value ± 10 %. The error beside a simulated number is its Monte Carlo standard",
    "error, from 20 blocks of patients, or from the draws of the posterior.",
)
NOT_HELD_TO = (
    "## What is no target",
    "",
    "Survival by number of metastases (54, 42 and 32 % alive at 5 years with one, with 2 to 4 and",
    "with 5 or more) is no target: its one source in the table of evidence is held for validation.",
    "The hazard ratio of Kanas, the survivors of Tomlinson and the patients of TCIA stand for it.",
    "The table holds no progression-free survival of CALGB 80405 or of FIRE-3, and time to",
    "recurrence by stage as context alone: the model is not held to them.",
)
HEAD = (
    "| target | source | published | interval | simulated | inside |",
    "|---|---|---|---|---|---|",
)


def source(row: dict[str, Any]) -> str:
    """Who published a target, in short; an assumption says so."""
    if row["assumption"]:
        return f"assumption: {row['assumption']}"
    works = []
    for key in row["evidence_ids"]:
        if key.startswith(SUMMARY):
            found = patient_summary(key.removeprefix(SUMMARY)).source
            works.append(f"{found.study} (table: {found.data.split(':')[0]})")
        else:
            evidence = finding(key)
            works.append(evidence.work or evidence.population or citation(evidence))
    return "; ".join(dict.fromkeys(works))


def line(row: dict[str, Any]) -> str:
    """One target as a row of the page."""
    unit = row["unit"]
    limits = f"{shown(row['lower'], unit) or '-'} to {shown(row['upper'], unit) or '-'}"
    kind = row["interval"] + (" (soft)" if row["soft"] else "")
    cells = (
        f"`{row['name']}`<br>{row['title']}",
        source(row).replace("|", "\\|"),
        f"{shown(row['published'], unit)} {'' if unit == 'share' else unit}".strip(),
        f"{limits}<br>{kind}: {row['rule']}",
        f"{shown(row['simulated'], unit) or 'not reached'} ± "
        f"{shown(row['monte_carlo_se'], unit, more=1) or '-'}",
        "yes" if row["inside"] else "no",
    )
    return f"| {' | '.join(cells)} |"


def page(result: dict[str, Any]) -> str:
    """The whole page.

    Parameters
    ----------
    result : dict
        As `TargetEvaluation.to_dict` gives it.
    """
    posterior = result["posterior"]
    which = (
        f"{posterior['draws']} draws of the packaged posterior (medians over draws)"
        if posterior["sha256"]
        else "the medians of the priors, before calibration"
    )
    soft = sum(row["soft"] for row in result["targets"])
    lines = [
        "# Calibration targets of the disease model",
        "",
        "<!-- Written by scripts/write_disease_targets_page.py; do not edit. -->",
        "",
        f"{len(result['targets'])} published numbers that the disease model is held to, beside",
        f"what it gives with {which},",
        f"{result['patients']:,} virtual patients wanted in each cohort, seed {result['seed']}.",
        f"**{result['inside']} of {result['counted']}** targets with evidence lie inside their",
        f"interval; {soft} soft targets are assumptions and do not count.",
        "`debulk disease targets` measures them anew.",
        "",
        *ABOUT,
    ]
    theme = ""
    for row in result["targets"]:
        if row["theme"] != theme:
            theme = row["theme"]
            lines += ["", f"## {theme}", "", *HEAD]
        lines.append(line(row))
    lines += ["", *NOT_HELD_TO]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--prior", action="store_true")
    parser.add_argument("--patients", type=int, default=PATIENTS)
    given = parser.parse_args()
    model = prior_model() if given.prior else load_model()
    found = evaluate_targets(model, patients=given.patients)
    PAGE.write_text(page(found.to_dict()), encoding="utf-8")


if __name__ == "__main__":
    main()
