"""What a cohort tells about patients drawn from it: criteria and characteristics."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from debulk.core.errors import InputError, nearest
from debulk.patients import states
from debulk.patients.criteria import MOMENTS, feature_tables
from debulk.patients.features import feature_types
from debulk.trials.recruitment.covariates import CENTRE

if TYPE_CHECKING:
    import numpy.typing as npt

    from debulk.patients import Cohort, Criterion
    from debulk.protocols import FunnelStep, Protocol
    from debulk.trials.running.settings import TrialSettings

    Floats = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.int64]
    Truths = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class CohortJudged:
    """A cohort held against a protocol: a row a patient of the cohort.

    Attributes
    ----------
    met : mapping of criterion to bool array
        Assumed ones count as met.
    assumed : mapping of criterion to bool array
    characteristics : mapping of str to float64 array
        Those that strata and leanings name; words as codes, truths as 0 and 1.
    """

    met: Mapping[str, Truths]
    assumed: Mapping[str, Truths]
    characteristics: Mapping[str, Floats]


@dataclass(frozen=True, eq=False)
class CohortKnown:
    """Registered patients, each a row of a cohort that was judged.

    Attributes
    ----------
    judged : CohortJudged
    drawn : int64 array
        Row of the cohort that each registered patient is.
    """

    judged: CohortJudged
    drawn: Ints

    def features(self, step: FunnelStep, rows: Ints) -> pl.DataFrame:
        """See `debulk.trials.recruitment.plain_funnel.Known`."""
        here = self.drawn[rows]
        names = [each.feature for each in step.leanings]
        return pl.DataFrame({name: self.judged.characteristics[name][here] for name in names})

    def judge(self, criterion: Criterion, rows: Ints) -> tuple[Truths, Truths]:
        """See `debulk.trials.recruitment.plain_funnel.Known`."""
        here = self.drawn[rows]
        return self.judged.met[criterion.id][here], self.judged.assumed[criterion.id][here]


def judge_cohort(cohort: Cohort, settings: TrialSettings, extra: tuple[str, ...]) -> CohortJudged:
    """Hold a cohort against a protocol's criteria, strata and leanings.

    Parameters
    ----------
    cohort : Cohort
    settings : TrialSettings
    extra : tuple of str
        Further characteristics to carry.

    Returns
    -------
    CohortJudged
        A criterion is assumed met where it has no rule, or is unknown and asks for a feature that
        the cohort knows of nobody.

    Raises
    ------
    InputError
        If a criterion asks for a feature that the cohort knows of some patients and not of others,
        is unknown of somebody, and the protocol does not assume it met; or a characteristic is
        unknown.
    """
    protocol = settings.protocol
    used = dict.fromkeys(name for step in protocol.funnel for name in step.criteria)
    criteria = [protocol.criterion(name) for name in used]
    ruled = [each for each in criteria if each.rule is not None]
    tables = feature_tables(ruled, cohort, settings.modalities) if ruled else {}
    table = states(ruled, tables) if ruled else pl.DataFrame()
    met, assumed = {}, {}
    for criterion in criteria:
        size = len(cohort)
        state = table[criterion.id] if criterion.rule is not None else None
        unknown = np.ones(size, np.bool_) if state is None else state.is_null().to_numpy()
        if (
            unknown.any()
            and criterion.assume is None
            and not _asks_for_the_absent(criterion, tables)
        ):
            raise InputError(
                f"protocol {protocol.name}, criterion {criterion.id}",
                f"is unknown of {int(unknown.sum())} of the cohort's {size} patients "
                f"({criterion.rule})",
                "Complete the cohort, leave these patients out, or write assume: met",
            )
        known = unknown if state is None else state.fill_null(value=True).to_numpy()
        met[criterion.id], assumed[criterion.id] = known, unknown
    names = dict.fromkeys([*named_by(protocol), *extra])
    return CohortJudged(met, assumed, _characteristics(cohort, settings, list(names)))


def _asks_for_the_absent(criterion: Criterion, tables: Mapping[str, pl.DataFrame]) -> bool:
    """Whether a criterion has no rule, or its rule names a feature that is unknown of everybody."""
    if criterion.rule is None:
        return True
    table = tables[MOMENTS[criterion.judged]]
    rule = criterion.parsed(extra=dict(table.schema))
    assert rule is not None
    return any(table[name].null_count() == table.height for name in rule.names)


def named_by(protocol: Protocol) -> list[str]:
    """Characteristics that a protocol's strata and leanings name.

    Parameters
    ----------
    protocol : Protocol
    """
    strata = [each for each in protocol.conduct.randomisation.strata if each != CENTRE]
    leanings = [each.feature for step in protocol.funnel for each in step.leanings]
    return list(dict.fromkeys([*strata, *leanings]))


def check_column(
    cohort: Cohort, settings: TrialSettings, name: str, where: str, *, leaning: bool
) -> None:
    """Refuse a characteristic that a cohort's patients do not have.

    Parameters
    ----------
    cohort : Cohort
    settings : TrialSettings
    name : str
    where : str
        The protocol's file and field.
    leaning : bool
        Whether its size matters, not only its levels.

    Raises
    ------
    InputError
        If it does not exist, is unknown of somebody, or is of the wrong kind.
    """
    known = {**feature_types(), **dict(cohort.patients.schema)}
    if name not in known or name == "patient_id":
        raise InputError(where, f"there is no feature {name!r}", nearest(name, known))
    dtype = known[name]
    words = isinstance(dtype, pl.Enum | pl.String)
    truth = isinstance(dtype, pl.Boolean)
    fits = (dtype.is_numeric() or truth) if leaning else (dtype.is_integer() or truth or words)
    if not fits:
        need = "a number or a truth" if leaning else "a whole number, a truth or a word"
        raise InputError(where, f"{name!r} is no {need.removeprefix('a ')}", f"Name {need}")
    column = _table(cohort, settings, [name])[name]
    missing = column.null_count()
    if missing:
        raise InputError(
            where,
            f"{name!r} is unknown of {missing} of the cohort's {column.len()} patients",
            "Complete the cohort, leave these patients out, or name another feature",
        )


def _characteristics(
    cohort: Cohort, settings: TrialSettings, names: list[str]
) -> dict[str, Floats]:
    table = _table(cohort, settings, names)
    found = {}
    for name in names:
        column = table[name]
        if isinstance(column.dtype, pl.String):
            # Codes of words without an order of their own: by the alphabet.
            column = column.cast(pl.Enum(column.drop_nulls().unique().sort()))
        if isinstance(column.dtype, pl.Enum):
            column = column.to_physical()
        found[name] = column.cast(pl.Float64).to_numpy()
    return found


def _table(cohort: Cohort, settings: TrialSettings, names: list[str]) -> pl.DataFrame:
    return cohort.features(moment="now", only=names, modalities=settings.modalities)
