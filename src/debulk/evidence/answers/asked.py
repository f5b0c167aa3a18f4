"""What the options of `debulk evidence pool` ask for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from debulk.evidence.effects.study_effects import StudyEffects
    from debulk.evidence.pooling.bias import Adjustment
    from debulk.evidence.pooling.bias_rules import BiasRule
    from debulk.evidence.pooling.bias_table import BiasTable
    from debulk.evidence.pooling.pooled import IntervalMethod, Method


@dataclass(frozen=True)
class Bias:
    """Where the biases of studies come from, and what is done with them.

    Attributes
    ----------
    table : BiasTable
        Of the laboratory.
    rules : tuple of BiasRule
        Which study has which bias.
    inputs : dict of str to str
        SHA-256 of the file of rules, by name; empty where they come from no file.
    how : {"shift", "down-weight"}
        As `debulk.evidence.pooling.bias_adjusted.pool_bias_adjusted` takes it.
    """

    table: BiasTable
    rules: tuple[BiasRule, ...]
    inputs: dict[str, str]
    how: Adjustment


@dataclass(frozen=True)
class Asked:
    """How studies are to be pooled, and which checks are wanted.

    Attributes
    ----------
    method, interval, prediction, conf_level
        As `debulk.evidence.pooling.random_effects.pool` takes them.
    moderators : tuple of str
        Columns of a meta-regression.
    subgroup, cumulative_by : str or None
        Columns.
    leave_one_out, small_study, bayes : bool
        Whether wanted.
    tau_scale : float
        Scale of the half-normal prior of tau, for `bayes`.
    bias : Bias or None
        What the biases of the studies are read from; None: nothing is adjusted.
    """

    method: Method = "reml"
    interval: IntervalMethod = "hksj"
    prediction: Literal["as-interval", "t"] = "as-interval"
    conf_level: float = 0.95
    moderators: tuple[str, ...] = ()
    subgroup: str | None = None
    cumulative_by: str | None = None
    leave_one_out: bool = False
    small_study: bool = False
    bayes: bool = False
    tau_scale: float = 0.5
    bias: Bias | None = None

    @property
    def how(self) -> dict[str, Any]:
        """Arguments of every function that pools."""
        parts = ("method", "interval", "conf_level")
        return {name: getattr(self, name) for name in parts}

    def arrays(self, effects: StudyEffects) -> dict[str, Any]:
        """The studies beside them."""
        return {
            "estimates": effects.estimates,
            "std_errors": effects.std_errors,
            "names": effects.names,
            **self.how,
        }
