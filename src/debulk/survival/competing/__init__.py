"""Competing risks: cumulative incidence, Gray's test, Fine-Gray models."""

from debulk.survival.competing.cumulative_incidence import cumulative_incidence
from debulk.survival.competing.curve import IncidenceCurve
from debulk.survival.competing.expansion import FineGrayRows, fine_gray_weights
from debulk.survival.competing.fine_gray import FineGrayModel, fine_gray
from debulk.survival.competing.gray import gray_test

__all__ = [
    "FineGrayModel",
    "FineGrayRows",
    "IncidenceCurve",
    "cumulative_incidence",
    "fine_gray",
    "fine_gray_weights",
    "gray_test",
]
