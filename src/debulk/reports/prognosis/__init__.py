"""Figures and pages of prognosis: calibration, decision curves, the report of a validation."""
