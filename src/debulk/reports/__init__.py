"""Reports: one HTML file that opens offline, and tables for the terminal."""

from debulk.core.lazy import lazy_names

__all__ = ["render_trial_report", "summary_sentence", "trial_tables", "write_trial_report"]

_lazy, __dir__ = lazy_names(
    __name__,
    {
        "render_trial_report": "debulk.reports.trial_report",
        "summary_sentence": "debulk.reports.words",
        "trial_tables": "debulk.reports.terminal_tables",
        "write_trial_report": "debulk.reports.trial_report",
    },
)


def __getattr__(name: str) -> object:
    return _lazy(name)
