"""Calibration targets: published numbers, the cohorts they were measured in, how the model does.

`table` reads the targets and holds them against the table of evidence, `cohorts` and `arms` say
whom they were measured in and how those were treated, `statistics`, `measures` and `natural` what
was measured, `evaluation` measures it in the model.
"""
