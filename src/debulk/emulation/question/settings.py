"""What one emulation was asked to do: the protocol's plan with the user's own choices on top."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Literal, get_args

from debulk.core.errors import InputError, nearest
from debulk.core.provenance import Parameter
from debulk.core.results import plain
from debulk.core.units import DAYS_PER_MONTH
from debulk.emulation.grace import TIMINGS, GracePeriod
from debulk.emulation.weight_model import WeightModel
from debulk.protocols import Protocol
from debulk.protocols.emulation_plan import EmulationPlan
from debulk.survival.options import (
    check_flag,
    check_kind,
    check_share,
    one_number,
    shown,
    whole_number,
)

Unknown = Literal["refuse", "assume-met", "exclude"]
"""What to do where nothing tells whether a criterion is met."""

Missing = Literal["refuse", "indicator", "complete-cases"]
"""What to do where a covariate is unknown at time zero."""


_TOLD = (
    "unknown",
    "missing",
    "require",
    "model",
    "truncate",
    "calendar",
    "negative_control",
    "weigh_loss",
    "interval",
    "replicates",
    "conf_level",
    "visit_months",
)

_LEAST_VISIT_DAYS, _MOST_VISIT_DAYS = 7.0, 366.0

_WHOLE = 0.01
"""Visits that a grace period may be off a whole number: six visits of 42 days are 8.28 months."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How an emulation is run.

    Attributes
    ----------
    plan : EmulationPlan
        The protocol's, with the user's choices.
    tau_months : float
        Horizon of risk and restricted mean differences.
    unknown, missing : str
        See `Unknown` and `Missing`.
    require : tuple of str
        Criteria never assumed: whoever is unknown there is left out, whatever `unknown` says.
    model : WeightModel or None
        Model of treatment; None is each method's own.
    truncate : float or None
        Quantile to cap the weights of clone-censor-weight at; none by default.
    calendar : str or None
        Column of the patients with the calendar year of the cohort's time zero.
    negative_control : str or None
        Column with the months of an event that local treatment cannot change.
    weigh_loss : bool
        Whether loss to follow-up has a model of its own.
    interval : str
        How intervals are made; see the methods.
    replicates, seed : int
    workers : int or None
    conf_level : float
    visit_months : float
        Months between visits.
    chosen : tuple of str
        Names of what the user chose.
    """

    plan: EmulationPlan
    tau_months: float
    unknown: Unknown = "refuse"
    missing: Missing = "refuse"
    require: tuple[str, ...] = ()
    model: WeightModel | None = None
    truncate: float | None = None
    calendar: str | None = None
    negative_control: str | None = None
    weigh_loss: bool = False
    interval: str = "sandwich"
    replicates: int = 500
    seed: int = 1
    workers: int | None = None
    conf_level: float = 0.95
    visit_months: float = 1.0
    chosen: tuple[str, ...] = ()

    def grace(self, protocol: Protocol) -> GracePeriod:
        """The grace period and the strategies' names."""
        strategy = protocol.experimental.strategy
        return GracePeriod(
            timing=self.plan.timing,
            visits=round(self.plan.grace_months / self.visit_months),
            minimum_share=strategy.minimum_share if self.plan.share == "strategy" else 0.0,
            names=(protocol.control.name, protocol.experimental.name),
        )

    def treatment_model(self, grace: GracePeriod) -> WeightModel | None:
        """The model of treatment; None is each method's own.

        Of a staged strategy the visit enters as a spline, if nothing else was asked: seldom does
        somebody reach the share at every visit, and hardly ever at the first.
        """
        return WeightModel(month="spline") if self.model is None and grace.staged else self.model

    def loss_model(self) -> WeightModel | None:
        """The model of loss to follow-up: the visit as a spline, since some lose nobody."""
        if not self.weigh_loss:
            return None
        return replace(self.model or WeightModel(), form="logistic", month="spline")

    def parameters(self, protocol: Protocol) -> tuple[Parameter, ...]:
        """Everything the answer depends on, and whether it was chosen."""
        sources = {each.name: each.source for each in protocol.parameters}
        found = []
        values: dict[str, Any] = {f"emulation.{k}": v for k, v in _of(self.plan).items()}
        values["estimand.tau_months"] = self.tau_months
        values |= {name: getattr(self, name) for name in _TOLD}
        values["model"] = self.treatment_model(self.grace(protocol))
        for name, value in values.items():
            own = name.rsplit(".", 1)[-1] in self.chosen
            source = "chosen by the user" if own else sources.get(name, "default of the program")
            if not own and name.startswith("emulation.") and name not in sources:
                source = "the protocol's part emulation"
            found.append(Parameter(name, plain(value), "chosen" if own else "default", source))
        return tuple(found)


def _of(plan: EmulationPlan) -> dict[str, Any]:
    return {each.name: getattr(plan, each.name) for each in fields(plan)}


def settings_of(
    protocol: Protocol,
    given: Mapping[str, Any],
    *,
    tau_months: float | None,
    visit_days: float | None = None,
    **others: Any,
) -> Settings:
    """Put the user's choices over the protocol's plan, and check both.

    Parameters
    ----------
    protocol : Protocol
    given : mapping of str to value
        Fields of the plan that the user chose; None leaves the protocol's.
    tau_months : float or None
        None is the protocol's.
    visit_days : float or None
        Days between visits; None is a month.
    **others
        The other attributes of `Settings`.

    Raises
    ------
    InputError
        If the plan is incomplete or a choice is none.
    """
    own = {name: value for name, value in given.items() if value is not None}
    control, experimental = protocol.control.strategy, protocol.experimental.strategy
    if control.local_treatment or not experimental.local_treatment:
        found = "its arms do not differ in whether metastases are treated locally"
        remedy = "Emulate a protocol of local treatment against none, such as orchestra"
        raise InputError(f"protocol {protocol.name}", found, remedy)
    if visit_days is not None:
        others["visit_months"] = _visit_months(visit_days)
    settings = Settings(
        plan=_plan(protocol, own),
        tau_months=protocol.estimand.tau_months if tau_months is None else tau_months,
        chosen=(*own, *(("tau_months",) if tau_months is not None else ()), *_differing(others)),
        **others,
    )
    for name in settings.require:
        protocol.criterion(name)
    _check(settings)
    return settings


def names_of(given: Any, where: str, example: str) -> tuple[str, ...]:
    """Names as they were given.

    Raises
    ------
    InputError
        If it is one text, or no list of texts.
    """
    try:
        names = (None,) if isinstance(given, str) else tuple(given)
    except TypeError:
        names = (None,)
    if not all(isinstance(each, str) for each in names):
        found = f"{shown(given)} is no list of names"
        raise InputError(where, found, f"Give names, as {example}")
    return names


def _visit_months(visit_days: float) -> float:
    number = isinstance(visit_days, int | float) and not isinstance(visit_days, bool)
    if not number or not _LEAST_VISIT_DAYS <= visit_days <= _MOST_VISIT_DAYS:
        remedy = f"Give a number from {_LEAST_VISIT_DAYS:g} to {_MOST_VISIT_DAYS:g}"
        raise InputError("visit_days", f"found {visit_days!r:.40}", remedy)
    return visit_days / DAYS_PER_MONTH


def _differing(others: Mapping[str, Any]) -> tuple[str, ...]:
    usual = {each.name: each.default for each in fields(Settings)}
    # Compared as text, since anything may have been given.
    return tuple(name for name, value in others.items() if repr(value) != repr(usual[name]))


def _plan(protocol: Protocol, own: dict[str, Any]) -> EmulationPlan:
    for field, example in (
        ("covariates", "['age_years', 'who_ps']"),
        ("event_causes", "['cancer']"),
    ):
        if field in own:
            own[field] = names_of(own[field], field, example)
    if protocol.emulation is not None:
        return replace(protocol.emulation, **own)
    needed = ("time_zero", "grace_months", "timing")
    lacking = [name for name in needed if name not in own]
    if lacking:
        found = "the protocol has no part called emulation"
        remedy = f"Add it to the protocol, or give {', '.join(lacking)}"
        raise InputError(f"protocol {protocol.name}", found, remedy)
    return EmulationPlan(**own)


def _check(settings: Settings) -> None:
    plan = settings.plan
    words: dict[str, tuple[Any, tuple[str, ...]]] = {
        "timing": (plan.timing, TIMINGS),
        "share": (plan.share, ("strategy", "any")),
        "outcome": (plan.outcome, ("os", "pfs")),
        "unknown": (settings.unknown, get_args(Unknown)),
        "missing": (settings.missing, get_args(Missing)),
    }
    for name, (value, known) in words.items():
        if not isinstance(value, str) or value not in known:
            found = f"found {shown(value)}"
            raise InputError(name, found, nearest(f"{value!s:.60}", known))
    limits = {
        "grace_months": (plan.grace_months, settings.visit_months, 60.0),
        "tau_months": (settings.tau_months, settings.visit_months, 600.0),
        "conf_level": (settings.conf_level, 0.5, 0.999),
    }
    for name, (number, low, high) in limits.items():
        if not low <= one_number(number, name) <= high:
            remedy = f"Give a number from {low:g} to {high:g}"
            raise InputError(name, f"found {number!r}", remedy)
    for name in ("time_zero", "local_rule"):
        if getattr(plan, name) is not None:
            check_kind(getattr(plan, name), str, name)
    whole_number(settings.replicates, "replicates", 1, 100_000)
    whole_number(settings.seed, "seed", 0, 2**63 - 1)
    if settings.workers is not None:
        whole_number(settings.workers, "workers", 1, 2**31)
    if settings.truncate is not None:
        check_share(settings.truncate, "truncate", "Give a quantile such as 0.99, or leave it out")
    if settings.model is not None:
        check_kind(settings.model, WeightModel, "model")
    for name in ("calendar", "negative_control"):
        if getattr(settings, name) is not None:
            check_kind(getattr(settings, name), str, name, "Give the name of a column")
    check_flag(settings.weigh_loss, "weigh_loss")
    visits = plan.grace_months / settings.visit_months
    if abs(visits - round(visits)) > _WHOLE:
        found = f"{plan.grace_months:g} months are no whole number of visits"
        near = max(round(visits), 1) * settings.visit_months
        remedy = f"Give {near:.2f}, or another multiple of {settings.visit_months:g}"
        if settings.visit_months == 1.0:
            remedy = "Give whole months"
        raise InputError("grace_months", found, remedy)
    if plan.grace_months > settings.tau_months:
        found = f"{plan.grace_months:g} months are beyond the horizon, {settings.tau_months:g}"
        raise InputError("grace_months", found, "Give a shorter grace period or a longer horizon")
