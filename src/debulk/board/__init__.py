"""One patient at the tumour board: what can be treated, which trial fits, what may follow."""

from typing import TYPE_CHECKING

from debulk.core.lazy import lazy_names

if TYPE_CHECKING:
    from debulk.board.alike.evidence_alike import EvidenceAlike as EvidenceAlike
    from debulk.board.alike.evidence_alike import StudyAlike as StudyAlike
    from debulk.board.alike.evidence_alike import evidence_for as evidence_for
    from debulk.board.case import BoardCase as BoardCase
    from debulk.board.case import case_of_entry as case_of_entry
    from debulk.board.case import case_of_rows as case_of_rows
    from debulk.board.case import read_case as read_case
    from debulk.board.decisions.decision import Decision as Decision
    from debulk.board.decisions.decision import Dissent as Dissent
    from debulk.board.decisions.decision import OptionConsidered as OptionConsidered
    from debulk.board.decisions.decision import Vote as Vote
    from debulk.board.decisions.decision import decision_from_dict as decision_from_dict
    from debulk.board.decisions.decisions_as_cohort import DecidedCase as DecidedCase
    from debulk.board.decisions.decisions_as_cohort import Later as Later
    from debulk.board.decisions.decisions_as_cohort import decisions_cohort as decisions_cohort
    from debulk.board.decisions.views import Views as Views
    from debulk.board.discussion import Discussion as Discussion
    from debulk.board.discussion import discuss as discuss
    from debulk.board.futures.equipoise import Equipoise as Equipoise
    from debulk.board.futures.front import futures_of as futures_of
    from debulk.board.futures.likeness import Likeness as Likeness
    from debulk.board.futures.result import Futures as Futures
    from debulk.board.futures.result import NotEnoughKnown as NotEnoughKnown
    from debulk.board.imports.identifying import IdentifyingFinding as IdentifyingFinding
    from debulk.board.imports.identifying import identifying_text as identifying_text
    from debulk.board.imports.preview import ImportPreview as ImportPreview
    from debulk.board.imports.preview import Refusal as Refusal
    from debulk.board.imports.preview import preview_import as preview_import
    from debulk.board.imports.quick_lines import QuickLines as QuickLines
    from debulk.board.imports.quick_lines import QuickProblem as QuickProblem
    from debulk.board.imports.quick_lines import quick_entry as quick_entry
    from debulk.board.matching.board_trials import BoardTrial as BoardTrial
    from debulk.board.matching.registry_trials import RegistryTrial as RegistryTrial
    from debulk.board.matching.registry_trials import read_registry_trial as read_registry_trial
    from debulk.board.matching.registry_trials import registry_trial as registry_trial
    from debulk.board.scores_of_case import Accuracy as Accuracy
    from debulk.board.scores_of_case import ScoreNotShipped as ScoreNotShipped
    from debulk.board.scores_of_case import ScoreOfCase as ScoreOfCase
    from debulk.board.scores_of_case import scores_for as scores_for
    from debulk.board.scores_of_case import scores_not_shipped as scores_not_shipped
    from debulk.board.settings import BoardSettings as BoardSettings

__all__ = [
    "Accuracy",
    "BoardCase",
    "BoardSettings",
    "BoardTrial",
    "DecidedCase",
    "Decision",
    "Discussion",
    "Dissent",
    "Equipoise",
    "EvidenceAlike",
    "Futures",
    "IdentifyingFinding",
    "ImportPreview",
    "Later",
    "Likeness",
    "NotEnoughKnown",
    "OptionConsidered",
    "QuickLines",
    "QuickProblem",
    "Refusal",
    "RegistryTrial",
    "ScoreNotShipped",
    "ScoreOfCase",
    "StudyAlike",
    "Views",
    "Vote",
    "case_of_entry",
    "case_of_rows",
    "decision_from_dict",
    "decisions_cohort",
    "discuss",
    "evidence_for",
    "futures_of",
    "identifying_text",
    "preview_import",
    "quick_entry",
    "read_case",
    "read_registry_trial",
    "registry_trial",
    "scores_for",
    "scores_not_shipped",
]

_lazy, __dir__ = lazy_names(
    __name__,
    {
        "Accuracy": "debulk.board.scores_of_case",
        "BoardCase": "debulk.board.case",
        "BoardSettings": "debulk.board.settings",
        "BoardTrial": "debulk.board.matching.board_trials",
        "DecidedCase": "debulk.board.decisions.decisions_as_cohort",
        "Decision": "debulk.board.decisions.decision",
        "Discussion": "debulk.board.discussion",
        "Dissent": "debulk.board.decisions.decision",
        "Equipoise": "debulk.board.futures.equipoise",
        "EvidenceAlike": "debulk.board.alike.evidence_alike",
        "Futures": "debulk.board.futures.result",
        "IdentifyingFinding": "debulk.board.imports.identifying",
        "ImportPreview": "debulk.board.imports.preview",
        "Later": "debulk.board.decisions.decisions_as_cohort",
        "Likeness": "debulk.board.futures.likeness",
        "NotEnoughKnown": "debulk.board.futures.result",
        "OptionConsidered": "debulk.board.decisions.decision",
        "QuickLines": "debulk.board.imports.quick_lines",
        "QuickProblem": "debulk.board.imports.quick_lines",
        "Refusal": "debulk.board.imports.preview",
        "RegistryTrial": "debulk.board.matching.registry_trials",
        "ScoreNotShipped": "debulk.board.scores_of_case",
        "ScoreOfCase": "debulk.board.scores_of_case",
        "StudyAlike": "debulk.board.alike.evidence_alike",
        "Views": "debulk.board.decisions.views",
        "Vote": "debulk.board.decisions.decision",
        "case_of_entry": "debulk.board.case",
        "case_of_rows": "debulk.board.case",
        "decision_from_dict": "debulk.board.decisions.decision",
        "decisions_cohort": "debulk.board.decisions.decisions_as_cohort",
        "discuss": "debulk.board.discussion",
        "evidence_for": "debulk.board.alike.evidence_alike",
        "futures_of": "debulk.board.futures.front",
        "identifying_text": "debulk.board.imports.identifying",
        "preview_import": "debulk.board.imports.preview",
        "quick_entry": "debulk.board.imports.quick_lines",
        "read_case": "debulk.board.case",
        "read_registry_trial": "debulk.board.matching.registry_trials",
        "registry_trial": "debulk.board.matching.registry_trials",
        "scores_for": "debulk.board.scores_of_case",
        "scores_not_shipped": "debulk.board.scores_of_case",
    },
)


def __getattr__(name: str) -> object:
    return _lazy(name)
