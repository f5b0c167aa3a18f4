"""A hypothetical estimand that needs a course of its own: local treatment always delivered."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from debulk.core.errors import InputError
from debulk.trials.conduct.assessments import with_missed_visits
from debulk.trials.conduct.worlds import primary_endpoint
from debulk.trials.estimands.contrast import Contrast, contrast
from debulk.trials.estimands.questions import assigned_times
from debulk.trials.recruitment.randomised import Randomised
from debulk.trials.running.settings import TRIALS_PER_CHUNK, TrialSettings

if TYPE_CHECKING:
    from debulk.protocols import Protocol


def delivered_as_planned(settings: TrialSettings, trials: int) -> Contrast:
    """Contrast of the arms had local treatment always been delivered to those fit for it.

    The same patients, with the chance of delivery set to 1 in every centre (skill and learning
    have no part in it then), and nobody refusing,
    crossing over or treated after progression. Who progresses or becomes unfit before the procedure
    still has none, and lesions beyond the cards' reach are still left: that part is the disease,
    not the delivery, and the simulator does not take it away. Followed to the protocol's date.

    Parameters
    ----------
    settings : TrialSettings
        Protocol, patients, cards and seed.
    trials : int
        How many trials' patients, at least 1.

    Raises
    ------
    InputError
        If the patients do not tell who is treated locally, or `trials` is below 1.
    """
    if isinstance(trials, bool) or not isinstance(trials, int) or trials < 1:
        raise InputError("trials", f"found {trials!r}", "Give a whole number of at least 1")
    if not settings.generator.local_treatment:
        raise InputError(
            "model",
            f"{settings.generator.name} tell of no local treatment that could be delivered",
            "Run the protocol on the disease model",
        )
    always = replace(settings, protocol=_delivered(settings.protocol))
    parts = [
        always.generator.recruit(always, first, min(TRIALS_PER_CHUNK, trials - first)).randomised
        for first in range(0, trials, TRIALS_PER_CHUNK)
    ]
    protocol = settings.protocol
    pool = with_missed_visits(
        settings.seed, protocol.conduct.missed_visits, Randomised.joined(parts)
    )
    follow_up = np.maximum(protocol.conduct.cutoff_months - pool.randomised_months, 0.0)
    times = assigned_times(pool, primary_endpoint(protocol))
    return contrast(times, follow_up, protocol.estimand.tau_months)


def _delivered(protocol: Protocol) -> Protocol:
    """The protocol with a chance of delivery of 1 in the experimental arm."""
    arm = protocol.experimental
    sure = replace(arm, strategy=replace(arm.strategy, delivered=1.0))
    centres = protocol.conduct.centres
    if centres is not None:
        centres = replace(centres, skill_sd=0.0, learning_log_odds=0.0)
    return replace(
        protocol,
        arms=(protocol.control, sure, *protocol.arms[2:]),
        conduct=replace(protocol.conduct, centres=centres),
    )
