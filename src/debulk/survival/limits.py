"""Pointwise confidence limits of a probability, on the scale that is asked for."""

from __future__ import annotations

from typing import Literal

import numpy as np

from debulk.survival.curves.limits import limits_apart, normal_width
from debulk.survival.options import check_word
from debulk.survival.subjects import Floats

Scale = Literal["log", "log-log", "plain"]


def check_scale(conf_type: str) -> None:
    """Refuse a scale that is not known.

    Raises
    ------
    InputError
        If it is none of "log", "log-log" and "plain".
    """
    check_word(conf_type, Scale, "conf_type")


def limits_of(
    share: Floats, std_error: Floats, conf_level: float, conf_type: Scale
) -> tuple[Floats, Floats]:
    """Confidence limits of probabilities, as R's package survival makes them.

    Parameters
    ----------
    share, std_error : array
        Probabilities and the standard errors of the probabilities themselves.
    conf_level : float
    conf_type : {"log", "log-log", "plain"}
        "log": exp(log p -+ z se / p), at most 1, NaN where p is 0; "log-log": on log(-log p), NaN
        where p is 0 or 1; "plain": p -+ z se, kept within 0 and 1.

    Returns
    -------
    lower, upper : array
    """
    z = normal_width(conf_level)
    if conf_type == "plain":
        return np.maximum(share - z * std_error, 0.0), np.minimum(share + z * std_error, 1.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        relative = np.where(share > 0, std_error / share, np.nan)
        return limits_apart(share, relative, z, conf_type)
