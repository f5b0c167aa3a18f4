"""Published scores, made executable, and their validation."""

from typing import TYPE_CHECKING

from debulk.core.lazy import lazy_names

if TYPE_CHECKING:
    from debulk.prognosis.scores.formula import Score as Score
    from debulk.prognosis.scores.in_cohort import ScoreInCohort as ScoreInCohort
    from debulk.prognosis.scores.in_cohort import score_in_cohort as score_in_cohort
    from debulk.prognosis.scores.library import load_score as load_score
    from debulk.prognosis.scores.library import packaged_scores as packaged_scores
    from debulk.prognosis.scores.library import wanted_scores as wanted_scores
    from debulk.prognosis.scores.scoring import score as score

__all__ = [
    "Score",
    "ScoreInCohort",
    "load_score",
    "packaged_scores",
    "score",
    "score_in_cohort",
    "wanted_scores",
]

_lazy, __dir__ = lazy_names(
    __name__,
    {
        "Score": "debulk.prognosis.scores.formula",
        "ScoreInCohort": "debulk.prognosis.scores.in_cohort",
        "load_score": "debulk.prognosis.scores.library",
        "packaged_scores": "debulk.prognosis.scores.library",
        "score": "debulk.prognosis.scores.scoring",
        "score_in_cohort": "debulk.prognosis.scores.in_cohort",
        "wanted_scores": "debulk.prognosis.scores.library",
    },
)


def __getattr__(name: str) -> object:
    return _lazy(name)
