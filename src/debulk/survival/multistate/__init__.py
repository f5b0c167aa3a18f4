"""Multi-state models: state occupation, transition probabilities, illness-death."""
