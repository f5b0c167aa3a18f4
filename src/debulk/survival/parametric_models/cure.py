"""Cure models: a share of the subjects never has the event."""

from __future__ import annotations

from typing import Any, Literal, cast

import numpy as np

from debulk.survival.options import check_word
from debulk.survival.parametric_models.jets import Jet, exp, log, one_minus_exp_minus, softplus

Cure = Literal["mixture", "non-mixture"]


def read_cure(cure: Any) -> Cure | None:
    """The kind of cure model; True means mixture.

    Raises
    ------
    InputError
        If it is none of False, True, "mixture" and "non-mixture".
    """
    if cure is None or (isinstance(cure, bool | np.bool_) and not cure):
        return None
    if isinstance(cure, bool | np.bool_):
        return "mixture"
    check_word(cure, Cure, "cure")
    return cast(Cure, cure)


def with_cure(kind: Cure, log_hazard: Jet, cumulative: Jet, logit: Jet) -> tuple[Jet, Jet]:
    """Log hazard and cumulative hazard of everybody, from those of subjects who are not cured.

    Parameters
    ----------
    kind : {"mixture", "non-mixture"}
        Mixture (Boag 1949, J R Stat Soc B 11:15; Farewell 1982, Biometrics 38:1041):
        S = p + (1 - p) S_u. Non-mixture (Yakovlev & Tsodikov 1996; Lambert 2007, Stata J 7:351):
        S = p ^ (1 - S_u). With p the cured share and S_u the survival function of the others.
    log_hazard, cumulative : Jet
        Of the subjects who are not cured.
    logit : Jet
        Logit of the cured share.
    """
    if kind == "mixture":
        # log(p + (1 - p) exp(-H)) = log p + log(1 + exp(-logit - H)), and so for the others.
        log_survival = _log_expit(logit) + softplus(-(logit + cumulative))
        log_density = _log_expit(-logit) + log_hazard - cumulative
        return log_density - log_survival, -log_survival
    doses = -_log_expit(logit)
    log_density = log(doses) + log_hazard - cumulative
    return log_density, doses * one_minus_exp_minus(cumulative)


def with_background(log_hazard: Jet, background: Any) -> Jet:
    """Log of the whole hazard: the excess hazard plus that of the general population."""
    return log(exp(log_hazard) + background)


def _log_expit(x: Jet) -> Jet:
    return -softplus(-x)
