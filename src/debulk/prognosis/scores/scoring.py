"""A score given to the patients of a cohort."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from debulk import __version__
from debulk.core.errors import InputError, nearest
from debulk.core.provenance import Exclusion, Parameter, Provenance, Status
from debulk.patients.cohort import Cohort
from debulk.patients.criteria import Criterion, states
from debulk.patients.rules import parse_rule
from debulk.prognosis.scores.asked import features_asked, needs, with_inputs
from debulk.prognosis.scores.formula import Score
from debulk.prognosis.scores.library import extra_types, load_score
from debulk.prognosis.scores.points import Missing, item_points, points_frame
from debulk.survival.options import check_kind, check_word


@dataclass(frozen=True)
class ScoredCohort:
    """A cohort's patients with their points, and what must be said beside them.

    Attributes
    ----------
    score : Score
        The score, with what was substituted in it.
    frame : polars.DataFrame
        See `score`.
    missing : str
        The rule for unknown items.
    substitutes : dict of str to str
        Rules that stand in for items, by item.
    unknown_items : dict of str to int
        For each item, the patients in whom it is unknown.
    outside, outside_unknown : int or None
        Patients whom the rule of the score's population excludes, and those it cannot tell of;
        None where the score has no such rule.
    """

    score: Score
    frame: pl.DataFrame
    missing: Missing
    substitutes: dict[str, str]
    unknown_items: dict[str, int]
    outside: int | None
    outside_unknown: int | None

    @property
    def without_points(self) -> int:
        """Patients without points."""
        return self.frame["points"].null_count()

    def provenance(self) -> Provenance:
        """The formula's rows, what was chosen, and who has no points."""
        source = self.score.sources[0]
        identifiers = source.key or source.doi or source.pmid or source.address
        status: Status = "default" if self.missing == "refuse" else "chosen"
        parameters = [
            Parameter("score", self.score.name, "chosen", identifiers),
            Parameter("missing", self.missing, status, "user", self.score.unknown),
        ]
        parameters += [
            Parameter(f"substitute.{name}", rule, "chosen", "user", "stands in for the item's rule")
            for name, rule in self.substitutes.items()
        ]
        without = self.without_points
        left_out = (Exclusion("an item of the score is unknown", without),) if without else ()
        return Provenance(
            version=__version__,
            parameters=tuple(parameters),
            exclusions=left_out,
            remarks=tuple(self.remarks()),
        )

    def remarks(self) -> list[str]:
        """Statements a reader must see."""
        said = [
            f"Made in: {self.score.population}. It orders such patients by risk; it does not say "
            "whom local treatment helps. Anywhere else it is extrapolation.",
            *self.score.notes,
        ]
        n = self.frame.height
        if self.outside is not None:
            unknown = self.outside_unknown or 0
            told = f"; of {unknown} the cohort does not tell" if unknown else ""
            said.append(f"{self.outside} of {n} patients are outside that population{told}.")
        if self.missing != "refuse":
            partly = self.frame.filter(pl.col("missing_items").list.len() > 0).height
            said.append(
                f"{partly} of {n} patients have an unknown item and got points by the rule "
                f"{self.missing!r}, which is not in the publication."
            )
        said += [
            f"Item {name} was judged by the substitute {rule!r}, not by the score's own rule."
            for name, rule in self.substitutes.items()
        ]
        return said


def score(
    name: str | Path | Score,
    cohort: Cohort,
    *,
    missing: Missing = "refuse",
    substitute: Mapping[str, str] | None = None,
) -> pl.DataFrame:
    """Give a published score to the patients of a cohort.

    Parameters
    ----------
    name : str, Path or Score
        A packaged score's name, the path of a score's file, or a score.
    cohort : Cohort
        The patients. Each is judged at ``board_months``, else at the first local treatment of
        metastases (what it treats still counts), else by all that is known.
    missing : {"refuse", "zero", "lowest", "highest"}
        What a patient with an unknown item gets: no points (the default); the known items' points,
        as if the unknown items gave none; the fewest or the most points possible.
    substitute : mapping of str to str, optional
        Items whose own rule is replaced by another, such as ``{"disease_free_interval":
        "synchronous"}``: another score, strictly, and named as such in every result.

    Returns
    -------
    polars.DataFrame
        One row a patient, in the cohort's order: patient_id, judged_months (null: all that is
        known), points (null where `missing` gives none), lowest and highest (points possible),
        group (given too where all points possible fall into one), known_items, missing_items.

    Raises
    ------
    InputError
        If there is no such score, an option is not allowed, a substitute is no rule, or every
        item is unknown in every patient.

    Examples
    --------
    >>> from debulk.patients import example_cohort
    >>> score("konopke", example_cohort())["points"].drop_nulls().to_list()[:3]
    [0.0, 1.0, 2.0]
    """
    found = scored(name, cohort, missing=missing, substitute=substitute)
    if found.frame.height and all(n == found.frame.height for n in found.unknown_items.values()):
        said = f"no item of {found.score.title} is known in any patient"
        raise InputError("cohort", said, needs(found.score, ()))
    return found.frame


def scored(
    name: str | Path | Score,
    cohort: Cohort,
    *,
    missing: Missing = "refuse",
    substitute: Mapping[str, str] | None = None,
) -> ScoredCohort:
    """As `score`, with what must be said beside the points; no error where nothing is known."""
    chosen = name if isinstance(name, Score) else load_score(name)
    check_kind(cohort, Cohort, "cohort", "Give a cohort, as read_cohort gives it")
    check_word(missing, Missing, "missing")
    if substitute is not None:
        check_kind(substitute, Mapping, "substitute", "Give rules by item")
    if missing != "refuse" and any(each.value for each in chosen.items):
        found = f"{missing!r}, and {chosen.title} is a measurement, without points to assume"
        raise InputError("missing", found, "Leave it at refuse")
    replaced = _checked(substitute or {}, chosen, cohort)
    features = features_asked((chosen,), cohort, replaced)
    table = with_inputs(chosen.inputs, features, cohort)
    bounds = item_points(chosen.items, replaced, table)
    frame = points_frame(chosen, table, bounds, missing)
    unknown = {
        item.id: int((~each["known"]).sum())
        for item, each in zip(chosen.items, bounds, strict=True)
    }
    outside, not_told = _outside(chosen, table)
    return ScoredCohort(chosen, frame, missing, replaced, unknown, outside, not_told)


def _checked(substitute: Mapping[str, str], chosen: Score, cohort: Cohort) -> dict[str, str]:
    known = {each.id: each for each in chosen.items}
    extra = dict(cohort.patients.schema) | extra_types(chosen.inputs)
    for name, rule in substitute.items():
        if name not in known:
            found = f"{chosen.title} has no item {name!r}"
            raise InputError("substitute", found, nearest(name, known))
        if len(known[name].levels) != 1:
            found = f"item {name!r} has not one number of points, but several"
            raise InputError("substitute", found, "Fill the column it asks for instead")
        parse_rule(rule, where=f"substitute for {name}", extra=extra)
    return dict(substitute)


def _outside(chosen: Score, table: pl.DataFrame) -> tuple[int | None, int | None]:
    if not chosen.within:
        return None, None
    rule = Criterion("within", chosen.population, "latest", chosen.within)
    found = states([rule], {"now": table})["within"]
    return int((~found).sum()), found.null_count()
