"""Trials of local treatment: conducted on virtual patients, many times over."""

from typing import TYPE_CHECKING

from debulk.core.lazy import lazy_names

if TYPE_CHECKING:
    from debulk.protocols import load_protocol
    from debulk.trials.characteristics import ProtocolCharacteristics
    from debulk.trials.operating import OperatingCharacteristics
    from debulk.trials.running.chunks import ChunkStore
    from debulk.trials.running.run import run_trial, trial_settings
    from debulk.trials.running.settings import TrialSettings
    from debulk.trials.truth import Truth

__all__ = [
    "ChunkStore",
    "OperatingCharacteristics",
    "ProtocolCharacteristics",
    "TrialSettings",
    "Truth",
    "load_protocol",
    "run_trial",
    "trial_settings",
]

_lazy, __dir__ = lazy_names(
    __name__,
    {
        "ChunkStore": "debulk.trials.running.chunks",
        "OperatingCharacteristics": "debulk.trials.operating",
        "ProtocolCharacteristics": "debulk.trials.characteristics",
        "TrialSettings": "debulk.trials.running.settings",
        "Truth": "debulk.trials.truth",
        "load_protocol": "debulk.protocols",
        "run_trial": "debulk.trials.running.run",
        "trial_settings": "debulk.trials.running.run",
    },
)


def __getattr__(name: str) -> object:
    return _lazy(name)
