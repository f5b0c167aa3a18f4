"""What `debulk evidence pool --json` prints, made by hand for tests of figures."""

from __future__ import annotations

import math
from typing import Any

import pytest

STUDIES = (("Alpha", 0.5, 0.2, 120), ("Beta", 0.8, 0.1, 400), ("Gamma", 1.25, 0.3, None))
"""Name, hazard ratio, standard error of its log, patients."""


def numbers(ratio: float, se: float) -> dict[str, float]:
    """A log ratio with its limits."""
    log = math.log(ratio)
    return {"estimate": log, "se": se, "lower": log - 2 * se, "upper": log + 2 * se}


def natural(found: dict[str, float]) -> dict[str, float]:
    """The same on the natural scale."""
    return {key: math.exp(found[key]) for key in ("estimate", "lower", "upper")}


def pooled(name: str, ratio: float, k: int, studies: tuple[str, ...] = ()) -> dict[str, Any]:
    """One line of a check."""
    found = numbers(ratio, 0.12)
    line = {"name": name, "k": k, **found, "p": 0.2, "i2": 0.3 if k > 1 else None}
    return {**line, "natural": natural(found), "studies": list(studies)}


def made_result(**changes: Any) -> dict[str, Any]:
    """Three studies and what they give together; `changes` replace keys."""
    studies = [
        {
            "name": name,
            **numbers(ratio, se),
            "weight": weight,
            "patients": patients,
            "source": f"{name}, J Made Up, 2020. doi:10.1/{name.lower()}",
            "groups": {"organ": "liver" if name != "Gamma" else "lung"},
        }
        for (name, ratio, se, patients), weight in zip(STUDIES, (0.3, 0.5, 0.2), strict=True)
    ]
    found = numbers(0.75, 0.15)
    return {
        "k": 3,
        "method": "reml",
        "interval": "hksj",
        **found,
        "tau2": 0.04,
        "i2": 0.42,
        "q": 3.4,
        "q_df": 2,
        "q_p": 0.18,
        "prediction": {"lower": math.log(0.4), "upper": math.log(1.4)},
        "studies": studies,
        "natural": {
            **natural(found),
            "unit": "hazard ratio",
            "prediction": {"lower": 0.4, "upper": 1.4},
            "studies": [{"name": each["name"], **natural(each)} for each in studies],
        },
        "title": "Overall survival",
        "outcome": "overall survival",
        "measure": "hazard ratio",
        "scale": "log",
        "no_effect": 1.0,
        "favours": ["favours local treatment", "favours control"],
        "mixed": [{"column": "organ", "values": {"liver": 2, "lung": 1}}],
        "remarks": ["Gamma: standard error from the p value"],
        "exclusions": [{"reason": "Delta has no interval", "count": 1}],
        "inputs": {},
        "conf_level": 0.95,
        "tau2_limits": {"lower": 0.0, "upper": 0.9},
        "i2_limits": {"lower": None, "upper": None},
        "coefficients": [{"name": "intercept", **found, "p": 0.05}],
        "leave_one_out": {
            "rows": [pooled(name, 0.7 + 0.05 * i, 2) for i, (name, *_) in enumerate(STUDIES)],
            "remarks": [],
        },
        "cumulative": {
            "by": "year",
            "rows": [
                {**pooled(name, 0.6 + 0.05 * i, i + 1), "value": 2001 + i}
                for i, (name, *_) in enumerate(STUDIES)
            ],
            "remarks": ["Each line looks at the same data again"],
        },
        "subgroups": {
            "column": "organ",
            "groups": [
                pooled("liver", 0.7, 2, ("Alpha", "Beta")),
                pooled("lung", 1.25, 1, ("Gamma",)),
            ],
            "test": {"name": "Q", "statistic": 2.5, "df": 1, "df_residual": None, "p": 0.11},
            "remarks": [],
        },
        "small_study": {
            "test": {"name": "Egger's test of asymmetry", "p": 0.31, "slope": 1.1},
            "rank_correlation": {"tau": 0.3, "p": 1.0},
            "trim_and_fill": {"missing": 1, "side": "left", "natural": natural(found)},
            "filled": [{"name": "filled 1", "estimate": math.log(0.45), "se": 0.3}],
            "remarks": [],
        },
        "bayes": None,
        "bias_adjusted": None,
        "provenance": {"remarks": [], "exclusions": []},
        **changes,
    }


@pytest.fixture
def result() -> dict[str, Any]:
    """Three studies with every check."""
    return made_result()


@pytest.fixture
def shares() -> dict[str, Any]:
    """The same as proportions, which have no value of no effect."""
    made = made_result(measure="proportion", scale="logit", no_effect=None, favours=["", ""])
    ends = {"estimate": 0.24, "lower": 0.1, "upper": 0.4}
    studies = [{"name": each["name"], **ends} for each in made["studies"]]
    prediction = {"lower": 0.02, "upper": 0.71}
    return {**made, "natural": {**ends, "prediction": prediction, "studies": studies}}
