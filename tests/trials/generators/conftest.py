"""Generators, small trials to run them in, and pools of the patients they make."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl
import pytest

from debulk.core.units import DAYS_PER_MONTH
from debulk.protocols import Protocol, load_protocol
from debulk.survival.examples import example
from debulk.trials import trial_settings
from debulk.trials.generators.arms import ArmsFollowUp
from debulk.trials.recruitment.generator import PatientGenerator
from debulk.trials.recruitment.randomised import Randomised

CLEAN = {f"conduct.{name}": "0" for name in ("withdrawn", "crossed_over", "lost_per_year")}
SMALL = {**CLEAN, "design.planned_patients": "160"}


@pytest.fixture(scope="session")
def protocol() -> Protocol:
    """ORCHESTRA with 160 patients, none lost, withdrawn or crossed over."""
    return load_protocol("orchestra", changes=SMALL)


@pytest.fixture(scope="session")
def pool_of(protocol: Protocol) -> Callable[..., Randomised]:
    """Makes the randomised patients of a hundred trials of a generator: 16,000."""

    def pool(generator: PatientGenerator, trials: int = 100, chosen: Protocol = protocol):
        settings = trial_settings(chosen, model=generator, seed=5)
        return settings.generator.recruit(settings, 0, trials).randomised

    return pool


@pytest.fixture(scope="session")
def colon() -> pl.DataFrame:
    """Deaths of the packaged colon trial, observation against levamisole with fluorouracil."""
    table = example("colon").filter((pl.col("etype") == 2) & (pl.col("rx") != "Lev"))
    return table.select(
        time=pl.col("time") / DAYS_PER_MONTH,
        event=pl.col("status"),
        arm=pl.col("rx").cast(pl.String),
    )


@pytest.fixture(scope="session")
def colon_follow_up(colon: pl.DataFrame) -> ArmsFollowUp:
    """The same, as generators take it."""
    columns = (colon["time"], colon["event"], colon["arm"])
    return ArmsFollowUp(*columns, control="Obs", experimental="Lev+5FU")
