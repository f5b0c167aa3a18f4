"""What must be read beside an answer of clone-censor-weight, in words."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from debulk.core.results import Estimate
from debulk.emulation.clones.analysis import Analysis
from debulk.emulation.clones.decisions import begun_before, begun_decides

_LEAST_DELAY = 0.05
"""Part of the time between visits from which on a delay of treatment is worth a sentence."""

TIMING_WORDS = {
    "natural": "treated when usual care treats, and at the last visit whoever is still eligible",
    "uniform": "treatment spread evenly over the visits of the grace period",
}


def estimand_of(analysis: Analysis) -> str:
    """What the numbers estimate, in a sentence."""
    grace, months = analysis.grace, analysis.person_time.visit_months
    aim = "local treatment"
    if grace.staged:
        aim = f"local treatment of at least {grace.minimum_share:.0%} of lesions"
    return (
        f"Everyone eligible under {grace.names[1]!r} ({aim} by visit {grace.deadline}, "
        f"{grace.deadline * months:.3g} months, unless progression or death comes first; "
        f"{TIMING_WORDS[grace.timing]}) against everyone under {grace.names[0]!r} (none at these "
        f"visits, usual care after), to {analysis.tau:g} months."
    )


def caveats_of(analysis: Analysis, counts: Mapping[str, int]) -> list[str]:
    """What holds only under assumptions, or was decided on the way."""
    said = [
        "It repairs only what the covariates of the weight model tell: an unmeasured reason to "
        "treat, such as fitness, biases it.",
    ]
    kind = "stabilised by strategy and time" if analysis.stabilised else "unstabilised"
    said.append(
        f"The hazard ratio is that of clones with {kind} weights, averaged over all follow-up: it "
        "moves with the weights and the length of follow-up. Read the differences first."
    )
    if np.any(analysis.person_time.cause > 1):
        said.append(
            "Competing events: risks are cumulative incidences of the event (Aalen-Johansen), the "
            "mean is that of the time before it, the hazard ratio is cause-specific."
        )
    if np.any(analysis.person_time.entry_months > 0.0):
        said.append(
            "Patients who came under observation late count from there on, and the model of "
            "treatment learns from visits from there on."
        )
    said += _staged_caveats(analysis) + _between_visits(analysis)
    if counts["treated after progression"]:
        said.append(
            f"{counts['treated after progression']} patients were treated after progression in "
            "the grace period: usual care under both strategies, no departure."
        )
    if counts["treated when not eligible"]:
        said.append(
            f"{counts['treated when not eligible']} patients were treated at a visit at which "
            "they were not eligible: usual care under both strategies, no departure."
        )
    if np.isnan(analysis.effect[0]):
        said.append("No hazard ratio: a strategy has no event.")
    return said


def _staged_caveats(analysis: Analysis) -> list[str]:
    """What a strategy that needs several procedures asks that nobody can do."""
    person_time, grace, decided = analysis.person_time, analysis.grace, analysis.decisions[1]
    outcome = decided.model_rows.outcome > 0.5
    if not grace.staged or not begun_decides(person_time, decided.rows, outcome):
        return []
    begun = begun_before(person_time, decided.rows)
    due = decided.model_rows.visit == grace.deadline
    return [
        f"The share was reached at {np.count_nonzero(outcome & ~begun)} visits of "
        f"{np.count_nonzero(~begun)} at which local treatment had not begun before, and at "
        f"{np.count_nonzero(outcome & begun)} of {np.count_nonzero(begun)} at which it had, so "
        "that the model cannot tell the two apart: of those still short of it at the last visit, "
        f"the {np.count_nonzero(due & ~begun)} who had not begun and the "
        f"{np.count_nonzero(due & begun & ~outcome)} who had are stood for alike."
    ]


def _between_visits(analysis: Analysis) -> list[str]:
    """What it does that treatment is dated between visits, where it is."""
    person_time, grace, decided = analysis.person_time, analysis.grace, analysis.decisions[1]
    patient = person_time.patient[decided.rows[decided.model_rows.outcome > 0.5]]
    months = person_time.complete_months if grace.staged else person_time.start_months
    visit = person_time.complete_visit if grace.staged else person_time.start_visit
    width = person_time.visit_months
    delay = float(np.mean(months[patient] - visit[patient] * width))
    if delay < _LEAST_DELAY * width:
        return []
    return [
        f"Decisions are taken at visits, one in {width:g} months, and treatment "
        f"came {delay:.2f} months after its visit on average: whoever died in between counts as "
        "untreated, which favours local treatment, the more the commoner it is."
    ]


def counts_of(analysis: Analysis) -> dict[str, int]:
    """How many patients took which way through the grace period."""
    person_time, grace = analysis.person_time, analysis.grace
    started, months = person_time.start_visit, person_time.start_months
    inside = (started >= 0) & (started < grace.visits)
    after = inside & (person_time.progression_months <= months)
    row = person_time.first[:-1] + started
    there = inside & (row < person_time.first[1:])
    eligible = np.zeros(person_time.patients, dtype=np.bool_)
    eligible[there] = person_time.eligible[row[there]]
    first, second = (decided.censored for decided in analysis.decisions)
    return {
        "patients": person_time.patients,
        "clones": 2 * person_time.patients,
        "treated in the grace period": int(np.count_nonzero(first >= 0)),
        "treated after the grace period": int(np.count_nonzero(started >= grace.visits)),
        "treated after progression": int(np.count_nonzero(after)),
        "treated when not eligible": int(np.count_nonzero(there & ~eligible & ~after)),
        "untreated at the last visit": int(np.count_nonzero(second >= 0)),
        "lost to follow-up": int(np.count_nonzero(person_time.lost)),
    }


def events_of(analysis: Analysis) -> dict[str, int]:
    """Events of interest among the clones that had not left their strategy."""
    found = {}
    timeline = analysis.timeline
    for arm, name in enumerate(analysis.grace.names):
        weight = analysis.weights[arm]
        interval = np.minimum(timeline.last, weight.shape[0] - 1)
        followed = weight[interval, np.arange(timeline.order.size)] > 0.0
        found[name] = int(np.count_nonzero(followed & (timeline.cause == 1)))
    return found


def truncation_caveat(quantile: float, whole: Mapping[str, Estimate]) -> str:
    """The untruncated answer, which a truncated one never stands without."""
    parts = []
    for name, each in whole.items():
        label = name.replace("_", " ")
        parts.append(f"{label} {each.estimate:.3g} ({each.lower:.3g} to {each.upper:.3g})")
    return (
        f"Weights are truncated at quantile {quantile:g} of those that carry a factor, which moves "
        f"the answer towards that of no weights; untruncated: {', '.join(parts)}."
    )
