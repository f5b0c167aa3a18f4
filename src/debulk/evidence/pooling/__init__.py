"""Pooling of studies: common and random effects, their heterogeneity and their checks."""
