"""Patients for simulated trials from hazards, cure models, cohorts and curves; one file each."""
