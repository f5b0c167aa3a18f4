"""The course of metastatic disease under systemic and local treatment, in steps of 21 days."""
