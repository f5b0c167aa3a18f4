"""The result of a Cox model: estimates, tests, and the way to checks and predictions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from scipy.special import chdtrc, ndtr

from debulk.core.errors import InputError
from debulk.core.provenance import Provenance
from debulk.core.results import Estimate, TestResult, plain
from debulk.survival.cox_model.fit import CoxFit, maximise
from debulk.survival.cox_model.frames import numbers_of, read_column
from debulk.survival.cox_model.likelihood import Likelihood
from debulk.survival.cox_model.prepared import PreparedCox, prepare
from debulk.survival.cox_model.reading import Reading, stratum_codes
from debulk.survival.cox_model.robust import scores_by_cluster
from debulk.survival.cox_model.rows import CoxRows, Ties
from debulk.survival.curves.limits import normal_width
from debulk.survival.options import check_word
from debulk.survival.subjects import Floats, check_weights, numbers

if TYPE_CHECKING:
    import polars as pl

    from debulk.survival.cox_model.prediction import ConfType, PredictedSurvival
    from debulk.survival.cox_model.proportionality import By, Transform
    from debulk.survival.cox_model.residuals import SchoenfeldResiduals

Kind = Literal[
    "martingale",
    "deviance",
    "cox_snell",
    "partial",
    "score",
    "dfbeta",
    "dfbetas",
    "schoenfeld",
]


@dataclass(frozen=True, eq=False)
class CoxModel:
    """A fitted proportional hazards model with p coefficients from n rows.

    Attributes
    ----------
    method : str
        What was fitted, such as ``"Cox"``.
    rows : CoxRows
        The rows used, in the user's order.
    ties : {"efron", "breslow"}
        How tied events were counted.
    coef : array, shape (p,)
        Log hazard ratios per unit of each covariate.
    covariance, naive_covariance : array, shape (p, p)
        Covariance of `coef` (robust where `robust` is true), and the inverse information.
    robust : bool
        Whether `covariance` is the sandwich.
    loglik : tuple of float
        Log partial likelihood with all coefficients 0, and fitted.
    conf_level : float
        Level of all intervals.
    provenance : Provenance
        Version, and rows left out by reason.
    notes : tuple of str
        Statements a reader must see.
    reading : Reading or None
        How the table was read; makes design matrices of new data.
    profile : array, shape (p, 3), or None
        Lower and upper limits of each coefficient and its p-value, where they do not follow from
        the standard errors.
    """

    method: str
    rows: CoxRows
    ties: Ties
    coef: Floats
    covariance: Floats
    naive_covariance: Floats
    robust: bool
    loglik: tuple[float, float]
    conf_level: float
    provenance: Provenance
    notes: tuple[str, ...] = ()
    reading: Reading | None = None
    profile: Floats | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Name of each coefficient."""
        return self.rows.names

    @property
    def n(self) -> int:
        """Rows used."""
        return self.rows.n

    @property
    def events(self) -> int:
        """Events among the rows used."""
        return self.rows.events

    @property
    def se(self) -> Floats:
        """Standard errors from the information, shape (p,)."""
        return np.asarray(np.sqrt(np.diag(self.naive_covariance)))

    @property
    def robust_se(self) -> Floats | None:
        """Standard errors from the sandwich, shape (p,); None where it was not asked for."""
        return np.asarray(np.sqrt(np.diag(self.covariance))) if self.robust else None

    @property
    def means(self) -> Floats:
        """Value of each covariate at which the linear predictor is 0, shape (p,).

        As in R: the mean, weighted unless there are entry times; 0 for covariates that hold only
        -1, 0 and 1.
        """
        return self.rows.means

    @property
    def linear_predictor(self) -> Floats:
        """Log hazard ratio of each row against `means` and the mean offset, shape (n,)."""
        # Column by column: a matrix product may round equal rows apart, and their tie would go.
        predictor = np.full(self.n, -float(self.means @ self.coef))
        for column, coefficient in zip(self.rows.x.T, self.coef, strict=True):
            predictor += column * coefficient
        offset = self.rows.offset
        return predictor if offset is None else predictor + (offset - offset.mean())

    @property
    def hazard_ratios(self) -> pl.DataFrame:
        """One row a coefficient: term, hazard_ratio, lower, upper, coef, se, z, p.

        `se` is robust where there is a robust one. Intervals and two-sided p-values are Wald's,
        except after Firth's penalty, where they are the profile likelihood's.
        """
        import polars as pl

        se = np.sqrt(np.diag(self.covariance))
        with np.errstate(divide="ignore", invalid="ignore"):  # a robust error may be 0
            z = self.coef / se
        if self.profile is None:
            half = normal_width(self.conf_level) * se
            lower, upper, p = self.coef - half, self.coef + half, 2.0 * ndtr(-np.abs(z))
        else:
            lower, upper, p = self.profile.T
        with np.errstate(over="ignore"):
            return pl.DataFrame(
                {
                    "term": list(self.names),
                    "hazard_ratio": np.exp(self.coef),
                    "lower": np.exp(lower),
                    "upper": np.exp(upper),
                    "coef": self.coef,
                    "se": se,
                    "z": z,
                    "p": p,
                }
            )

    @property
    def aic(self) -> float:
        """Akaike's criterion: twice the number of coefficients less twice the log-likelihood."""
        return 2.0 * len(self.names) - 2.0 * self.loglik[1]

    @property
    def likelihood_ratio_test(self) -> TestResult:
        """Test that all coefficients are 0, by the likelihood ratio."""
        return self._test("likelihood ratio", 2.0 * (self.loglik[1] - self.loglik[0]))

    @property
    def wald_test(self) -> TestResult:
        """Test that all coefficients are 0, by their covariance (robust where there is one).

        A robust covariance of no more clusters than coefficients is singular: the statistic is
        then that of the directions it covers. NaN, with a note in `details`, where a standard
        error is 0, as of a robust covariance where all residuals are.
        """
        unit = np.sqrt(np.diag(self.covariance))
        if not (unit > 0.0).all():
            return self._test("Wald", np.nan, {"note": "A standard error is 0: no test."})
        shape, z = self.covariance / np.outer(unit, unit), self.coef / unit
        statistic = float(z @ np.linalg.lstsq(shape, z, rcond=1e-12)[0])
        return self._test("Wald", statistic)

    @cached_property
    def score_test(self) -> TestResult:
        """Test that all coefficients are 0, by the gradient there (with one factor: log-rank).

        Where the covariance is robust, `details` holds the statistic and p-value of the robust
        score test.
        """
        zero = np.zeros(len(self.names))
        efron = self.ties == "efron"
        likelihood = Likelihood(self._prepared, self._prepared.weights, efron)
        at = likelihood.evaluate(zero)
        statistic = float(at.gradient @ np.linalg.solve(at.information, at.gradient))
        if not self.robust:
            return self._test("score", statistic)
        scores = scores_by_cluster(self.rows, self._prepared, zero, efron)
        total = scores.sum(axis=0)
        sturdy = float(total @ np.linalg.lstsq(scores.T @ scores, total, rcond=None)[0])
        details = {"robust_statistic": sturdy, "robust_p": float(chdtrc(zero.size, sturdy))}
        return self._test("score", statistic, details)

    @cached_property
    def concordance(self) -> Estimate:
        """Harrell's C of the linear predictor, within strata: higher risk, earlier event.

        With clusters the standard error adds the influences of each cluster's rows.
        """
        from debulk.survival.concordant_pairs import concordance_of

        return concordance_of(
            self.rows.time,
            self.rows.event,
            self.linear_predictor,
            entry=self.rows.entry,
            weights=self.rows.weights,
            stratum=self.rows.stratum,
            cluster=self.rows.cluster,
        )

    def proportionality(
        self, transform: Transform | Callable[[Floats], Floats] = "km", *, by: By = "column"
    ) -> pl.DataFrame:
        """Test of proportional hazards for each coefficient and for all (as R's ``cox.zph``).

        Parameters
        ----------
        transform : {"km", "identity", "rank", "log"} or function of times
            Scale of time on which the coefficients may drift.
        by : {"column", "term"}
            Whether a factor's coefficients are tested one by one or together.

        Returns
        -------
        DataFrame
            Columns term, chi_square, df, p; the last row is GLOBAL.

        Raises
        ------
        InputError
            On an unknown `transform` or `by`.
        """
        from debulk.survival.cox_model.proportionality import proportionality

        return proportionality(
            self.rows, self.coef, self.ties, self.naive_covariance, transform, by=by
        )

    def baseline_hazard(self) -> pl.DataFrame:
        """Cumulative baseline hazard with every covariate 0, at the mean offset, by stratum.

        Returns
        -------
        DataFrame
            Columns time, hazard (cumulative), increment, stratum (null without strata).
        """
        from debulk.survival.cox_model.baseline import baseline_hazard

        return baseline_hazard(self.rows, self.coef, self.ties)

    def predict_survival(
        self, frame: Any, times: Any = None, *, conf_type: ConfType = "log-log"
    ) -> PredictedSurvival:
        """Survival of new patients whose covariates stay as they are.

        Parameters
        ----------
        frame : DataFrame or mapping of str to array-like
            A table with the columns of covariates, strata and offset.
        times : array-like, shape (k,), optional
            Times, in the unit of the data; by default all at which an event happened.
        conf_type : {"log-log", "log", "plain"}
            Scale of the limits.

        Returns
        -------
        PredictedSurvival
            NaN beyond the last follow-up of a patient's stratum. Limits rest on the robust
            covariance where there is one.

        Raises
        ------
        InputError
            On a column that is missing, or a level or stratum that the fit did not see.
        """
        from debulk.survival.cox_model.prediction import predict_survival

        stratum = offset = None
        roles = None if self.reading is None else self.reading.roles
        if roles is not None and roles.strata:
            stratum = stratum_codes(frame, roles.strata, self.rows.stratum_labels)
        if roles is not None and roles.offset is not None:
            offset = numbers_of(read_column(frame, roles.offset, "offset"))
        return predict_survival(
            self.rows,
            self.coef,
            self.ties,
            self.covariance,
            self.design(frame),
            stratum,
            offset,
            times,
            self.conf_level,
            conf_type,
        )

    def design(self, frame: Any) -> Floats:
        """Design matrix of new data, shape (m, p), coded as the data of the fit were.

        Raises
        ------
        InputError
            On a column that is missing, a missing value, or a level that the fit did not see.
        """
        if self.reading is None:
            raise InputError("frame", "the model was made from rows", "Give a design matrix")
        return self.reading.design.matrix(frame)

    def residuals(self, kind: str = "martingale") -> Floats | SchoenfeldResiduals:
        """Residuals of the rows used (of the events, for Schoenfeld's).

        Parameters
        ----------
        kind : {"martingale", "deviance", "cox_snell", "partial", "score", "dfbeta", "dfbetas", \
                "schoenfeld"}
            The first three have shape (n,), the others (n, p); Schoenfeld's come with the times
            of the events.

        Raises
        ------
        InputError
            On another kind.
        """
        from debulk.survival.cox_model import residuals

        rows, coef, ties = self.rows, self.coef, self.ties
        check_word(kind, Kind, "kind")
        if kind == "schoenfeld":
            return residuals.schoenfeld(rows, coef, ties, self.naive_covariance)
        if kind == "dfbeta":
            return residuals.dfbeta(rows, coef, ties, self.naive_covariance)
        if kind == "dfbetas":
            return residuals.dfbetas(rows, coef, ties, self.naive_covariance)
        kinds: dict[str, Callable[[CoxRows, Floats, Ties], Floats]] = {
            "martingale": residuals.martingale,
            "deviance": residuals.deviance,
            "cox_snell": residuals.cox_snell,
            "partial": residuals.partial,
            "score": residuals.score,
        }
        return kinds[kind](rows, coef, ties)

    def refit(self, weights: Any) -> CoxFit:
        """The same model with other case weights, without sorting again (for a bootstrap).

        Parameters
        ----------
        weights : array-like, shape (n,)
            Case weights of the rows used, at least 0; rows of weight 0 are as if absent. They
            take the place of the fit's own weights.

        Returns
        -------
        CoxFit
            ``.coef``, ``.covariance`` (inverse information), ``.loglik``.

        Raises
        ------
        InputError
            On weights that do not fit, and where these rows have no finite estimate.
        """
        loads = numbers(weights, "weights")
        if loads.size != self.n or (loads < 0).any():
            raise InputError(
                "weights",
                f"holds {loads.size} values for {self.n} rows, the lowest {loads.min(initial=0):g}",
                "Give one weight, 0 or above, for each row used",
            )
        check_weights(loads)
        prepared = self._prepared
        return maximise(
            prepared,
            np.ascontiguousarray(loads[prepared.order]),
            self.ties == "efron",
            self.names,
            start=self.coef,
        )

    def summary(self) -> str:
        """The model in prose and a table."""
        from debulk.survival.cox_model.summary import summary_of

        return summary_of(self)

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and text, ready for JSON; not finite is None."""
        return {
            "method": self.method,
            "ties": self.ties,
            "n": self.n,
            "events": self.events,
            "conf_level": float(self.conf_level),
            "coefficients": plain(self.hazard_ratios.to_dicts()),
            "covariance": plain(self.covariance),
            "naive_covariance": plain(self.naive_covariance),
            "robust": self.robust,
            "loglik": plain(self.loglik),
            "aic": plain(self.aic),
            "tests": [
                each.to_dict()
                for each in (self.likelihood_ratio_test, self.wald_test, self.score_test)
            ],
            "notes": list(self.notes),
            "provenance": self.provenance.to_dict(),
        }

    @cached_property
    def _prepared(self) -> PreparedCox:
        return prepare(self.rows)

    def _test(
        self, name: str, statistic: float, details: dict[str, Any] | None = None
    ) -> TestResult:
        df = len(self.names)
        return TestResult(
            test=name,
            statistic=statistic,
            df=df,
            p=float(chdtrc(df, max(statistic, 0.0))),
            z=None,
            reference="all coefficients 0",
            observed={},
            expected={},
            n=self.n,
            events=self.events,
            details=details or {},
        )
