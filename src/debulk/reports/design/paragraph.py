"""The paragraphs for the statistics section of a protocol."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from debulk.reports.design.sample_size import sample_size_text
from debulk.reports.design.stopping_text import interim_text, null_world_text
from debulk.reports.design.wording import FORMULAS, joined, level, plain_number

Answer = Mapping[str, Any]


def paragraphs_of(answer: Answer) -> list[dict[str, str]]:
    """Text for a protocol's statistics section, in paragraphs.

    Parameters
    ----------
    answer : mapping
        What ``debulk trial design --json`` prints; the whole numbers are used.

    Returns
    -------
    list of dict
        Each with a `heading` and its `text`, in the order of reading.
    """
    parts = [
        ("Hypotheses and sample size", sample_size_text(answer)),
        ("Interim analyses", interim_text(answer)),
        ("Without an effect", null_world_text(answer)),
        ("Simulation", _simulation_text(answer)),
        ("Assumptions and software", _sources_text(answer)),
    ]
    return [{"heading": heading, "text": text} for heading, text in parts if text]


def _simulation_text(answer: Answer) -> str:
    found = answer["simulation"]
    if found is None:
        return ""
    planned, null = found["alternative"], found["null"]
    power, error = planned["power"]["estimate"], planned["power"]["se"]
    benefit, null_error = null["power"]["estimate"], null["power"]["se"]
    under = "without any effect" if answer["null_ratio"] == 1.0 else "under the null hypothesis"
    return (
        f"In {found['trials']} simulated trials of this design"
        f" (seed {found['seed']}), {100 * power:.2f} % (Monte Carlo standard error "
        f"{100 * error:.2f} percentage points) showed a benefit; {under} "
        f"{100 * benefit:.2f} % (error {100 * null_error:.2f}) did so by chance."
    )


def _sources_text(answer: Answer) -> str:
    version = answer["provenance"]["version"]
    given = ["the hazard ratio", "survival in the control arm", "accrual", "loss to follow-up"]
    if answer["goal"] is not None:
        given[0] = "the gain in months (and with it the hazard ratio)"
    if answer["strata"] is not None:
        given.insert(2, "the sizes of the strata")
    if answer["dilution"] is not None:
        given.append("the shares of patients not treated as assigned")
    text = (
        f"{joined(given).capitalize()} are assumptions; what the trial will find is not known. "
        f"The type I error of {level(answer['alpha'])}, the power"
        + ("" if answer["null_ratio"] == 1.0 else f", the margin of {_margin(answer)}")
        + " and the stopping rules are choices; events, patients and months follow from both. "
    )
    if answer["formula"] is None:
        text += f"Patients and power were calculated with debulk {version} (method: "
        text += f"{answer['source']})"
    else:
        text += f"Events were calculated with debulk {version} by the formula of "
        text += FORMULAS[answer["formula"]]
    if answer["rules"]["efficacy"] is not None:
        text += ", boundaries by numerical integration"
    return text + f". The design can be made again with: {answer['command']}"


def _margin(answer: Answer) -> str:
    return plain_number(answer["null_ratio"])
