"""What the pages of trials compute once: done in the background when the server starts."""

from __future__ import annotations

import logging

from debulk.protocols import packaged_protocols
from debulk.web.trials.answers import answer_of
from debulk.web.trials.protocols import entry_of
from debulk.web.trials.result_view import drawn_of
from debulk.web.trials.starting import start_from

_DESIGNS = (
    "",
    "looks=0.5+0.75+1&futility=hwang-shih-decani%3A-4&not_treated=0.05",
    "by=ratio&delay_months=6&looks=0.5+1",
)
"""One design of each kind: its kernels are ready before a reader asks."""

_log = logging.getLogger("debulk.web")


def warm() -> None:
    """Read every protocol, and answer and draw the designs a reader most likely begins with.

    Nothing that fails here is hidden: the page that needs it says so again.
    """
    for name in packaged_protocols():
        entry_of(name)
    for query in (*_DESIGNS, *(start_from(name) for name in packaged_protocols())):
        try:
            drawn_of(answer_of(query))
        except Exception as error:
            _log.warning("a design could not be prepared: %s", type(error).__name__)
