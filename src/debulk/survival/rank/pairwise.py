"""Log-rank tests of each pair of groups."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np

from debulk.core.errors import InputError
from debulk.core.results import TestResult
from debulk.survival.groups import Groups, read_groups
from debulk.survival.rank.logrank import rank_test, read_strata
from debulk.survival.rank.weightings import WeightingLike, read_weighting
from debulk.survival.subjects import one_dimensional, read_subjects, same_length


def logrank_pairwise(
    time: Any,
    event: Any,
    group: Any,
    *,
    strata: Any = None,
    entry: Any = None,
    weighting: WeightingLike = "logrank",
) -> dict[tuple[str, str], TestResult]:
    """Test each pair of groups, with p-values adjusted for the number of pairs.

    Parameters
    ----------
    time, event, group, strata, entry, weighting
        As in `logrank`.

    Returns
    -------
    dict of pair to TestResult
        Pairs in the order of the groups, the first as the reference; only the subjects of the two
        groups are used. `p` is not adjusted; ``details["p_holm"]`` is (Holm 1979, Scandinavian
        Journal of Statistics).

    Raises
    ------
    InputError
        As `logrank`, also where a pair of groups has no events or is never at risk together; the
        text names the pair.
    """
    kind = read_weighting(weighting)
    subjects = read_subjects(time, event, entry=entry, needs_event=True)
    groups = read_groups(group, subjects.n)
    labels = None
    if strata is not None:
        labels = one_dimensional(strata, "strata")
        same_length(labels, subjects.n, "strata")
        read_strata(strata, subjects)
    results: dict[tuple[str, str], TestResult] = {}
    for first, second in combinations(range(groups.count), 2):
        here = (groups.codes == first) | (groups.codes == second)
        pair = (groups.labels[first], groups.labels[second])
        two = Groups(pair, (groups.codes[here] == second).astype(np.int64), groups.chosen_by)
        chosen = subjects.subset(here)
        where = f"group, {pair[0]!r} and {pair[1]!r}"
        if chosen.events == 0:
            raise InputError(where, "no subject has the event", "Leave one of these groups out")
        try:
            within = None if labels is None else labels[here]
            results[pair] = rank_test(chosen, two, within, kind)
        except InputError as problem:
            raise InputError(where, problem.found, problem.remedy) from None
    return _with_holm(results)


def _with_holm(results: dict[tuple[str, str], TestResult]) -> dict[tuple[str, str], TestResult]:
    """The same with p-values by Holm's step-down rule in the details."""
    adjusted, largest = {}, 0.0
    ranked = sorted(results, key=lambda pair: results[pair].p)
    for place, pair in enumerate(ranked):
        largest = max(largest, min(1.0, (len(ranked) - place) * results[pair].p))
        adjusted[pair] = largest
    return {
        pair: replace(each, details={**each.details, "p_holm": adjusted[pair]})
        for pair, each in results.items()
    }
