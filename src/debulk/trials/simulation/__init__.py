"""Simulation of planned designs on piecewise exponential patients, fast enough for millions."""
