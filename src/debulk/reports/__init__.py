"""Reports: one HTML file that opens offline, and tables for the terminal."""

from typing import TYPE_CHECKING

from debulk.core.lazy import lazy_names

if TYPE_CHECKING:
    from debulk.reports.retrodiction.page import write_retrodiction_page as write_retrodiction_page
    from debulk.reports.survival_report import render_survival_report as render_survival_report
    from debulk.reports.survival_report import write_survival_report as write_survival_report
    from debulk.reports.terminal_tables import trial_tables as trial_tables
    from debulk.reports.trial_report import render_trial_report as render_trial_report
    from debulk.reports.trial_report import write_trial_report as write_trial_report
    from debulk.reports.trial_words import about_the_patients as about_the_patients
    from debulk.reports.trial_words import summary_sentence as summary_sentence

__all__ = [
    "about_the_patients",
    "render_survival_report",
    "render_trial_report",
    "summary_sentence",
    "trial_tables",
    "write_retrodiction_page",
    "write_survival_report",
    "write_trial_report",
]

_lazy, __dir__ = lazy_names(
    __name__,
    {
        "about_the_patients": "debulk.reports.trial_words",
        "render_survival_report": "debulk.reports.survival_report",
        "render_trial_report": "debulk.reports.trial_report",
        "summary_sentence": "debulk.reports.trial_words",
        "trial_tables": "debulk.reports.terminal_tables",
        "write_retrodiction_page": "debulk.reports.retrodiction.page",
        "write_survival_report": "debulk.reports.survival_report",
        "write_trial_report": "debulk.reports.trial_report",
    },
)


def __getattr__(name: str) -> object:
    return _lazy(name)
