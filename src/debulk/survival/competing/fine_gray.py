"""Fine and Gray's model on a table: what users call, and what they get."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, NoReturn

import numpy as np

from debulk import __version__
from debulk.core.errors import InputError
from debulk.core.provenance import Provenance
from debulk.core.results import Estimate, TestResult
from debulk.survival.competing.causes import CENSORED, CompetingSubjects, read_causes
from debulk.survival.competing.censoring import TiedEvents
from debulk.survival.competing.fine_gray_fit import FineGrayFit, fit_fine_gray
from debulk.survival.competing.risk_sums import COMPETING, INTEREST
from debulk.survival.cox_model.frames import column_names, read_column
from debulk.survival.cox_model.reading import Reading, Roles, read_rows
from debulk.survival.cox_model.record import parameters_of
from debulk.survival.cox_model.results import CoxModel
from debulk.survival.options import check_level, check_word
from debulk.survival.subjects import Floats, Ints, numbers

if TYPE_CHECKING:
    import polars as pl

Sandwich = Literal["fine-gray", "robust", "naive"]

_ROW = "number of the row"


@dataclass(frozen=True, eq=False)
class FineGrayModel(CoxModel):
    """A fitted model of proportional subdistribution hazards.

    It has the attributes of a CoxModel; hazard ratios are those of the subdistribution, and
    ``covariance`` and ``se`` are of the kind that was asked for.

    Attributes
    ----------
    fit : FineGrayFit
        The fit on arrays, with all three covariances and the baseline.
    kind : array of int, shape (n,)
        What ended each row used: 0 censored, 1 the cause of interest, 2 another cause.
    cause_of_interest : int or str
        The cause that is modelled.
    """

    fit: FineGrayFit = field(kw_only=True, repr=False)
    kind: Ints = field(kw_only=True, repr=False)
    cause_of_interest: Any = field(kw_only=True)

    @property
    def se(self) -> Floats:
        """Standard errors from `covariance`, shape (p,)."""
        return np.asarray(np.sqrt(np.diag(self.covariance)))

    @cached_property
    def score_test(self) -> TestResult:
        """Test that all coefficients are 0, by the gradient there and its information."""
        return self._test("score", self.fit.score_statistic)

    @cached_property
    def concordance(self) -> Estimate:
        """Harrell's C, where those with a competing event never have the one of interest.

        Wolbers and others (2009, Epidemiology 20:555): they count as event-free for ever.
        """
        never = self.kind == COMPETING
        time = np.where(never, self.rows.time.max() + 1.0, self.rows.time)
        return replace(self._as_cox(), rows=replace(self.rows, time=time)).concordance

    def baseline_hazard(self) -> pl.DataFrame:
        """Cumulative baseline subdistribution hazard, with every covariate 0.

        Returns
        -------
        DataFrame
            One row for each time of the cause of interest: time, hazard (cumulative), increment
            (crr's bfitj), incidence.
        """
        import polars as pl

        cumulative = np.cumsum(self.fit.hazard)
        return pl.DataFrame(
            {
                "time": self.fit.event_times,
                "hazard": cumulative,
                "increment": self.fit.hazard,
                "incidence": -np.expm1(-cumulative),
            }
        )

    def predict_incidence(self, frame: Any, times: Any) -> Floats:
        """Cumulative incidence of the cause for new patients.

        Parameters
        ----------
        frame : DataFrame or mapping of str to array-like
            A table with the covariates' columns and m rows.
        times : array-like, shape (k,)
            Times, in the unit of the data.

        Returns
        -------
        array, shape (m, k)
            1 - exp(-H(t) exp(x coef)); NaN beyond the last follow-up.

        Raises
        ------
        InputError
            On a column that is missing, or a level that the fit did not see.
        """
        wanted = numbers(times, "times")
        found = self.fit.predict_incidence(self.design(frame), wanted)
        return np.where(wanted <= self.rows.time.max(), found, np.nan)

    def predict_survival(
        self, frame: Any, times: Any = None, *, conf_type: Any = "log-log"
    ) -> NoReturn:
        """Not offered, since other causes end survival too.

        Raises
        ------
        InputError
            Always; `predict_incidence` gives the probability of the cause.
        """
        raise _not_offered(
            "predict_survival", "Use predict_incidence, the probability of the cause"
        )

    def proportionality(self, transform: Any = "km", *, by: Any = "column") -> NoReturn:
        """Not offered for a subdistribution.

        Raises
        ------
        InputError
            Always; the rows of `fine_gray_weights` can be given to `cox` and tested there.
        """
        raise _not_offered("proportionality", "Fit fine_gray_weights by cox(), and test that model")

    def residuals(self, kind: str = "martingale") -> NoReturn:
        """Not offered for a subdistribution.

        Raises
        ------
        InputError
            Always; the rows of `fine_gray_weights` can be given to `cox`, which has residuals.
        """
        raise _not_offered("residuals", "Fit fine_gray_weights by cox(), and ask that model")

    def refit(self, weights: Any) -> NoReturn:
        """Not offered, since case weights would change the distribution of censoring too.

        Raises
        ------
        InputError
            Always.
        """
        raise _not_offered("refit", "Call fine_gray again on the rows drawn")

    def _as_cox(self) -> CoxModel:
        return CoxModel(
            self.method,
            self.rows,
            self.ties,
            self.coef,
            self.covariance,
            self.naive_covariance,
            self.robust,
            self.loglik,
            self.conf_level,
            self.provenance,
        )


def fine_gray(
    frame: Any,
    *,
    time: str,
    cause: str,
    covariates: str | Sequence[str] | None = None,
    formula: str | None = None,
    cause_of_interest: Any = 1,
    censoring: Any = CENSORED,
    censoring_groups: str | Sequence[str] | None = None,
    tied_events: TiedEvents = "at risk",
    variance: Sandwich = "fine-gray",
    conf_level: float = 0.95,
) -> FineGrayModel:
    """Fit proportional subdistribution hazards of one cause (Fine and Gray 1999, JASA 94:496).

    Parameters
    ----------
    frame : DataFrame of Polars or pandas, or mapping of str to array-like
        The table. Strings below name its columns.
    time, cause : str
        End of follow-up (finite, at least 0) and why it ended: whole numbers from 0, or text.
    covariates, formula : str or sequence of str, str
        The model, as for `cox`: one of the two.
    cause_of_interest : label
        The cause that is modelled; all other causes compete with it.
    censoring : label or None
        The value of `cause` that marks censored rows; text needs it named.
    censoring_groups : str or sequence of str, optional
        Each combination has a distribution of censoring of its own; by default there is one.
    tied_events : {"at risk", "gone"}
        Whether an event at the time of a censoring counts as at risk of it, as in R's crr, or
        comes before it, as in R's finegray.
    variance : {"fine-gray", "robust", "naive"}
        Sandwich with the part of the estimated censoring weights, as crr; sandwich with the
        weights taken as known, as finegray and a robust coxph; inverse information.
    conf_level : float
        Level of the intervals, strictly between 0 and 1.

    Returns
    -------
    FineGrayModel
        A CoxModel whose hazard ratios are those of the subdistribution, with
        ``.predict_incidence`` and ``.baseline_hazard``.

    Raises
    ------
    InputError
        On wrong times, causes or covariates, with column and row; if nobody has the cause; on a
        constant or collinear covariate; on a monotone likelihood, naming the covariates.

    Notes
    -----
    Breslow's treatment of ties. A row with a competing event stays in the risk set with weight
    G(t-) / G(X-), G the Kaplan-Meier curve of censoring; the sums over risk sets cost one pass
    (Kawaguchi and others 2021, R Journal 12:163). A row that misses a covariate or censoring
    group is left out and counted in ``.provenance.exclusions``.
    """
    check_level(conf_level)
    check_word(variance, Sandwich, "variance")
    check_word(tied_events, TiedEvents, "tied_events")
    subjects = _causes(frame, time, cause, censoring)
    code = subjects.code_of(cause_of_interest)
    reading, kind = _read(
        frame, subjects, code, Roles.of(time, cause, covariates, formula, censoring_groups)
    )
    rows = reading.rows
    fit = fit_fine_gray(
        rows.time, kind, rows.x, rows.names, groups=rows.stratum, tied_events=tied_events
    )
    covariance = {
        "fine-gray": fit.covariance,
        "robust": fit.robust_covariance,
        "naive": fit.naive_covariance,
    }[variance]
    plain_rows = replace(rows, stratum=None, stratum_labels=(), offset=None)
    return FineGrayModel(
        method="Fine-Gray",
        rows=plain_rows,
        ties="breslow",
        coef=fit.coef,
        covariance=covariance,
        naive_covariance=fit.naive_covariance,
        robust=variance != "naive",
        loglik=fit.loglik,
        conf_level=conf_level,
        provenance=Provenance(
            version=__version__,
            parameters=parameters_of(
                reading.roles,
                {
                    "cause_of_interest": (cause_of_interest, 1),
                    "censoring": (censoring, 0),
                    "tied_events": (tied_events, "at risk"),
                    "variance": (variance, "fine-gray"),
                    "conf_level": (conf_level, 0.95),
                },
                {},
            ),
            exclusions=reading.exclusions,
        ),
        notes=_notes(fit, subjects.labels[code - 1], variance, rows.stratum_labels),
        reading=replace(
            reading, rows=plain_rows, roles=replace(reading.roles, strata=(), offset=None)
        ),
        fit=fit,
        kind=kind,
        cause_of_interest=subjects.labels[code - 1],
    )


def _causes(frame: Any, time: str, cause: str, censoring: Any) -> CompetingSubjects:
    """The cause of every row, read as labels; times are read as the table's columns are."""
    times = read_column(frame, time, "time").numbers
    column = read_column(frame, cause, "cause")
    values: Any = column.numbers
    if column.numbers is None:
        assert column.codes is not None
        levels = np.array([*column.levels, None], dtype=object)
        values = levels[column.codes]
    if times is None:
        raise InputError(time, "holds text", "Give numbers")
    try:
        return read_causes(times, values, censoring=censoring)
    except InputError as error:
        where = error.where.replace("cause", cause, 1).replace("time", time, 1)
        raise InputError(where, error.found, error.remedy) from None


def _read(frame: Any, subjects: CompetingSubjects, code: int, roles: Roles) -> tuple[Reading, Ints]:
    """Rows as `cox` reads them, and what ended each of those kept."""
    table: dict[str, Any] = {name: frame[name] for name in column_names(frame)}
    table[roles.event] = (subjects.code == code).astype(np.float64)
    # The reader leaves out incomplete rows; an offset that numbers the rows says which it kept.
    row = _ROW
    while row in table:
        row += "'"
    table[row] = np.arange(subjects.n, dtype=np.float64)
    reading = read_rows(table, replace(roles, offset=row))
    assert reading.rows.offset is not None
    codes = subjects.code[reading.rows.offset.astype(np.int64)]
    kind = np.where(codes == 0, 0, np.where(codes == code, INTEREST, COMPETING))
    return reading, kind.astype(np.int64)


def _notes(
    fit: FineGrayFit, label: Any, variance: Sandwich, groups: tuple[str, ...]
) -> tuple[str, ...]:
    said = {
        "fine-gray": "by the sandwich of Fine and Gray, with the part of the censoring weights",
        "robust": "by the sandwich with the censoring weights taken as known",
        "naive": "from the information alone, which takes the weighted rows as independent",
    }[variance]
    notes = [
        f"Subdistribution hazard of cause {label}; {fit.competing} rows ended with another cause, "
        f"{fit.censored} were censored.",
        f"Standard errors are {said}.",
    ]
    if groups:
        notes.append(f"Censoring has distributions of its own in {len(groups)} groups.")
    return tuple(notes)


def _not_offered(name: str, remedy: str) -> InputError:
    return InputError(name, "is not offered for a Fine-Gray model", remedy)
