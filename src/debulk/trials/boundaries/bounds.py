"""Group-sequential boundaries, and the probabilities of crossing them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import ndtr, ndtri

from debulk.core.errors import InputError
from debulk.core.results import plain
from debulk.survival.options import check_flag, one_number, shown
from debulk.trials.boundaries.recursion import Floats, crossing
from debulk.trials.boundaries.rule import StoppingRule
from debulk.trials.boundaries.two_sided import stopping
from debulk.trials.tables import field_of


@dataclass(frozen=True, slots=True, eq=False)
class CrossingProbabilities:
    """Probabilities of stopping at each look, for one effect.

    Where a sequence or an array is wanted it is `efficacy`; `p["futility"]` is `p.futility`.

    Attributes
    ----------
    theta : float
        Expected Z at information 1.
    efficacy : array, shape (k,)
        Of stopping for benefit at each look.
    opposite : array, shape (k,)
        Of rejecting in the other direction (two-sided designs; else 0).
    futility, harm : array, shape (k,)
        Of stopping for them. At the last look futility is what remains: not rejecting.
    power : float
        Total of `efficacy`.
    rejection : float
        Total of `efficacy` and `opposite`.
    expected_information : float
        Information at which the trial is expected to end.
    """

    theta: float
    efficacy: Floats
    opposite: Floats
    futility: Floats
    harm: Floats
    power: float
    rejection: float
    expected_information: float

    def __len__(self) -> int:
        return self.efficacy.size

    def __iter__(self) -> Iterator[float]:
        return iter(self.efficacy.tolist())

    def __getitem__(self, key: Any) -> Any:
        return field_of(self, key) if isinstance(key, str) else self.efficacy[key]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Floats:
        return np.array(self.efficacy, dtype=dtype)

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return plain({name: getattr(self, name) for name in self.__slots__})  # type: ignore[no-any-return]


@dataclass(frozen=True, slots=True, eq=False)
class Boundaries:
    """Bounds on Z by look; `group_sequential` makes them.

    Attributes
    ----------
    information : array, shape (k,)
        Information at the looks, in fractions of the planned.
    rule : StoppingRule
        What was chosen.
    efficacy_z : array, shape (k,)
        Stop for benefit at or above; inf where a look has no bound. Two-sided: also at or below
        the negative.
    futility_z : array or None
        Stop for futility at or below; -inf where a look has none; at the last look the efficacy
        bound. Two-sided: within plus and minus this value.
    harm_z : array or None
        Stop for harm at or below; -inf where a look has none.
    alpha_spent : array, shape (k,)
        Probability under theta = 0 of having rejected by the look, over all sides; with
        futility in force only where it is binding.
    beta_spent : array or None
        Probability under `drift` of having stopped without rejecting by the look, futility in
        force (without a futility rule None).
    drift : float or None
        The theta that gives power 1 - beta, futility in force, harm not; None without beta.
        Power is benefit declared; in a two-sided design with futility, either direction.
    plan : Boundaries or None
        The boundaries as planned, where these were updated.
    final : bool
        After an update: whether the last look is the final analysis, which spends what is left.
    notes : tuple of str
        What was decided beyond the rule, such as in an update.
    """

    information: Floats
    rule: StoppingRule
    efficacy_z: Floats
    futility_z: Floats | None
    harm_z: Floats | None
    alpha_spent: Floats
    beta_spent: Floats | None
    drift: float | None
    plan: Boundaries | None = None
    final: bool = False
    notes: tuple[str, ...] = ()

    @property
    def alpha(self) -> float:
        """The error allowed, over all sides."""
        return self.rule.alpha

    @property
    def sided(self) -> int:
        """1 or 2."""
        return self.rule.sided

    @property
    def binding(self) -> bool:
        """Whether the efficacy bounds count on the trial stopping for futility."""
        return self.rule.binding

    @property
    def nominal_p(self) -> Floats:
        """One-sided p-value that reaches the efficacy bound at each look."""
        levels: Floats = ndtr(-self.efficacy_z)
        return levels

    @property
    def inflation_factor(self) -> float | None:
        """Maximal information relative to a trial without interim looks of the same power."""
        if self.drift is None or self.rule.beta is None:
            return None
        fixed = fixed_drift(self.alpha, self.sided, self.rule.beta)
        return self.drift**2 / fixed**2

    def probabilities(self, theta: float, *, futility: bool = True) -> CrossingProbabilities:
        """Probability of each way to stop, look by look.

        Parameters
        ----------
        theta : float
            Expected Z at information 1; 0 is no effect.
        futility : bool
            Whether the trial does stop for futility.

        Raises
        ------
        InputError
            If theta is no finite number, or futility neither True nor False.
        """
        check_flag(futility, "futility")
        effect = one_number(theta, "theta")
        return probabilities_of(
            self.information,
            self.efficacy_z,
            self.futility_z if futility else None,
            self.harm_z,
            self.sided,
            effect,
        )

    def update(
        self,
        observed: Any,
        *,
        events_planned: float | None = None,
        remaining: Any = None,
        efficacy_used: Any = (),
        futility_used: Any = (),
        final: bool = False,
    ) -> Boundaries:
        """Bounds at the information really observed; see `updated_boundaries`.

        Parameters
        ----------
        observed : sequence of float
            Information at the looks done, or events with `events_planned`.
        events_planned : float, optional
            Planned events at information 1.
        remaining : sequence of float, optional
            Looks to come. Default: the planned looks after the one nearest to the last observed.
        efficacy_used, futility_used : sequence of float, optional
            Bounds as used at the first looks.
        final : bool
            The last of `observed` is the final analysis: it spends whatever is left.
        """
        from debulk.trials.boundaries.updating import updated_boundaries

        return updated_boundaries(
            self,
            observed,
            events_planned=events_planned,
            remaining=remaining,
            efficacy_used=efficacy_used,
            futility_used=futility_used,
            final=final,
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON; a look without a bound has None."""
        return plain(  # type: ignore[no-any-return]
            {
                "information": self.information,
                **self.rule.to_dict(),
                "efficacy_z": self.efficacy_z,
                "futility_z": self.futility_z,
                "harm_z": self.harm_z,
                "alpha_spent": self.alpha_spent,
                "beta_spent": self.beta_spent,
                "nominal_p": self.nominal_p,
                "drift": self.drift,
                "inflation_factor": self.inflation_factor,
                "final": self.final,
                "notes": self.notes,
            }
        )


def check_boundaries(value: Any, name: str = "boundaries") -> None:
    """Refuse what `group_sequential` did not make.

    Parameters
    ----------
    value : Any
    name : str
        The argument.

    Raises
    ------
    InputError
        If it is no Boundaries.
    """
    if not isinstance(value, Boundaries):
        remedy = "Give what group_sequential returns"
        raise InputError(name, f"{shown(value)} is no Boundaries", remedy)


def fixed_drift(alpha: float, sided: int, beta: float) -> float:
    """Theta at which a trial with one look has power 1 - beta (one direction counted)."""
    return float(ndtri(1.0 - beta) - ndtri(alpha / sided))


def probabilities_of(
    information: Floats,
    efficacy_z: Floats,
    futility_z: Floats | None,
    harm_z: Floats | None,
    sided: int,
    theta: float,
) -> CrossingProbabilities:
    """Probability of each way to stop, for bounds given one by one (see `Boundaries`)."""
    looks = information.size
    none = np.zeros(looks)
    if harm_z is None:
        lost, opposite, up = stopping(information, futility_z, efficacy_z, theta, sided)
        harmed, lost = none, lost.copy()
    else:
        futile = np.full(looks, -math.inf) if futility_z is None else futility_z
        stop = np.maximum(futile, harm_z)
        down, up = crossing(information, stop, efficacy_z, theta)
        harmed = _share_below(information, stop, efficacy_z, harm_z, theta, down)
        lost, opposite = down - harmed, none
    ended = up + opposite + lost + harmed
    lost[-1] += max(0.0, 1.0 - ended.sum())
    ended[-1] = 1.0 - ended[:-1].sum()
    return CrossingProbabilities(
        theta,
        up,
        opposite,
        lost,
        harmed,
        float(up.sum()),
        float(up.sum() + opposite.sum()),
        float(ended @ information),
    )


def _share_below(
    information: Floats, stop: Floats, upper: Floats, harmful: Floats, theta: float, down: Floats
) -> Floats:
    """Probability of ending at or below the harm bound at each look."""
    if np.array_equal(stop, harmful):
        return down.copy()
    shares = np.zeros(information.size)
    for look in np.flatnonzero(harmful > -math.inf):
        lower = stop[: look + 1].copy()
        lower[look] = harmful[look]
        shares[look] = crossing(information[: look + 1], lower, upper[: look + 1], theta)[0][look]
    return shares
