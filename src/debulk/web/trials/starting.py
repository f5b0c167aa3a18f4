"""From a protocol to the designer: its planned numbers as a query, never its result."""

from __future__ import annotations

from functools import cache

from debulk.reports.design.asking.given import written
from debulk.trials.planned_effects import planned_effect
from debulk.web.trials.answers import protocol_of
from debulk.web.trials.asked import query_of
from debulk.web.trials.fields import START


@cache
def start_from(name: str) -> str:
    """The query of the design a protocol planned, as far as the evidence says it.

    Parameters
    ----------
    name : str
        A packaged protocol.
    """
    protocol = protocol_of(name)
    design, conduct, effect = protocol.design, protocol.conduct, planned_effect(protocol)
    consent = next((each.chance for each in protocol.funnel if each.consent), None)
    fields = {
        **START,
        "population": name,
        "power": written(design.power),
        "alpha": written(design.alpha),
        "sided": str(design.sided),
        "accrual_months": written(conduct.accrual_months),
        "follow_up": written(max(0.0, conduct.cutoff_months - conduct.accrual_months)),
        "not_treated": written(conduct.withdrawn),
        "crossover": written(conduct.crossed_over),
        "dropout": written(conduct.lost_per_year),
        "allocation": written(conduct.allocation),
        "per_month": written(round(design.planned_patients / conduct.accrual_months, 2)),
    }
    if consent is not None:
        fields["refusal"] = written(round(1.0 - consent, 6))
    if design.monitoring is not None:
        fields["looks"] = " ".join(written(each) for each in design.monitoring.information)
        fields["efficacy"] = design.monitoring.efficacy
        fields["futility"] = design.monitoring.futility or ""
    if effect is not None:
        if effect.gain_months is not None:
            fields |= {"by": "gain", "gain_months": written(effect.gain_months)}
        if effect.hazard_ratio is not None:
            fields |= {"by": "ratio", "hazard_ratio": written(effect.hazard_ratio)}
        if effect.median_control_months is not None:
            # What was planned stays beside what a reader then types for those who are selected.
            median = written(effect.median_control_months)
            fields |= {"median_control": median, "front_median": median}
    return query_of(fields)
