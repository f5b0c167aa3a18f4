"""Designs of survival trials: sample size, power, events and the months of the looks."""
