"""Multi-state models: state occupation, transition probabilities, illness-death."""

from debulk.survival.multistate.hazards import TransitionHazard
from debulk.survival.multistate.histories import illness_death, state_histories
from debulk.survival.multistate.model import MultiState, multi_state

__all__ = ["MultiState", "TransitionHazard", "illness_death", "multi_state", "state_histories"]
