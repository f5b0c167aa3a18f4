"""The organs a lesion can lie in; a kernel sees an organ as its position in this tuple."""

from __future__ import annotations

ORGANS = (
    "liver",
    "lung",
    "pleura",
    "peritoneum",
    "lymph_node",
    "bone",
    "brain",
    "adrenal",
    "ovary",
    "other",
    "primary",
)
"""Organs in the order of their codes; ``primary`` is the bowel tumour, never a metastasis."""

ORGAN_CODE = {organ: code for code, organ in enumerate(ORGANS)}
"""Code of each organ, for flat arrays."""
