"""The spread between replicates is the error that readings make."""

from __future__ import annotations

import numpy as np
from tests.evidence.reconstruction import figures, twin

from debulk.evidence.reconstruction.one_arm import reconstruct_arm
from debulk.evidence.reconstruction.two_arms import reconstruction_uncertainty

READINGS = 60  # their standard deviation is known to 9 %
REPLICATES = 400  # and that of the replicates to 4 %
ERROR = 0.005


def test_replicates_spread_as_readings_of_the_same_figure_do():
    arms = [twin.made_up(200, 11, hazard=0.05), twin.made_up(200, 12, hazard=0.035)]
    ticks = np.arange(0.0, 40.0, 6.0)
    random = np.random.default_rng(5)
    ratios = []
    for _ in range(READINGS):
        made = [reconstruct_arm(arm.read(150, ERROR, random), arm.at_risk(ticks)) for arm in arms]
        ratios.append(figures.log_hazard_ratio(*made))
    found = reconstruction_uncertainty(*made, replicates=REPLICATES, seed=3, reading_error=ERROR)
    spread = np.std(ratios, ddof=1)
    # Replicates also move deaths and censorings between clicks and ticks, so they spread more.
    assert 0.8 * spread < found.hazard_ratio.reconstruction_sd < 2.5 * spread
    # The truth lies within what the reconstruction alone allows.
    gap = np.mean(ratios) - figures.log_hazard_ratio(*arms)
    assert abs(gap) < 3.0 * found.hazard_ratio.reconstruction_sd


def test_the_uncertainty_of_reconstruction_falls_with_the_error_of_reading():
    arms = [twin.made_up(150, seed) for seed in (1, 2)]
    made = [reconstruct_arm(arm.read(100), arm.at_risk(np.arange(0.0, 40.0, 4.0))) for arm in arms]
    spreads = [
        reconstruction_uncertainty(*made, replicates=200, reading_error=error).hazard_ratio
        for error in (0.002, 0.02)
    ]
    sds = [each.reconstruction_sd for each in spreads]
    assert sds[0] < sds[1]
    # Sampling is untouched by it, to the share that replicates differ in deaths.
    assert abs(spreads[1].sampling_se / spreads[0].sampling_se - 1.0) < 0.1
