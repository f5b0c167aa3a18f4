"""Published chances of cure and of occult disease, placed on the axis of the continuum."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal

from debulk.core.results import plain
from debulk.disease.targets.intervals import binomial
from debulk.evidence.record import Finding, citation, finding

Line = Literal["cure", "occult"]

RESECTABLE_LIVER = ("liver_1", "liver_2_4", "liver_5_more")

SEEN_ROLE = "calibration"
"""Role of rows that the model may have been fitted to; any other row is drawn apart, and is nothing
but drawn."""

_COUNTS = re.compile(r"^(\d+)/(\d+)")


@dataclass(frozen=True, slots=True)
class Published:
    """A published number beside the continuum.

    Attributes
    ----------
    key : str
        Of the evidence row.
    line : {"cure", "occult"}
        The line it stands beside.
    extents : tuple of str
        Extents it speaks of, neighbours on the axis.
    measure : str
        What was measured, in words; only "cured" is the model's own definition.
    value : float
        Share, 0 to 1.
    lower, upper : float or None
        Limits, as printed or 95 % by Wilson from printed counts; see `interval`.
    interval : {"published", "derived", "none"}
        Where the limits come from.
    bound : {"", "at least", "at most"}
        Whether it bounds the line from below or above instead of estimating it.
    role : str
        Of the evidence row: what is not ``calibration`` the model never saw.
    population, source : str
        Whom it describes, and how to cite it.
    """

    key: str
    line: Line
    extents: tuple[str, ...]
    measure: str
    value: float
    lower: float | None
    upper: float | None
    interval: str
    bound: str
    role: str
    population: str
    source: str

    @property
    def seen(self) -> bool:
        """Whether the model may have been fitted to it."""
        return self.role == SEEN_ROLE

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and text, ready for JSON."""
        names = self.__slots__
        return {name: plain(getattr(self, name)) for name in names} | {"seen": self.seen}


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a row stands: `flip` turns recurrence into its complement; `printed` reads a text."""

    key: str
    line: Line
    extents: tuple[str, ...]
    measure: str
    flip: bool = False
    bound: str = ""
    printed: float | None = None


_FREE = "free of recurrence at 5 years"
_PLACES = (
    *(
        _Place(
            f"continuum:{stage}/5-y-cumulative-recurrence-{site}-surgery-{years}",
            "cure",
            (name,),
            f"{_FREE}, {site}, surgery {years.replace('-', ' to 20')}",
            flip=True,
        )
        for site, years in (("colon", "2004-08"), ("rectum", "2004-08"), ("colon", "2014-19"))
        for stage, name in (("i", "stage_1"), ("ii", "stage_2"), ("iii", "stage_3"))
    ),
    _Place(
        "continuum:ii/cured-by-surgery-alone",
        "cure",
        ("stage_2",),
        "cured by surgery alone",
        printed=80.0,
    ),
    _Place("continuum:iv-liver-only-resected/cure-fraction", "cure", RESECTABLE_LIVER, "cured"),
    _Place(
        "continuum:iv-liver-only-resected/10-y-actual-survivors",
        "cure",
        RESECTABLE_LIVER,
        "alive at 10 years",
    ),
    *(
        _Place(
            f"series:china-single-centre-2022/5y-os/{number}",
            "cure",
            (name,),
            "alive at 5 years, by number of metastases",
            bound="at most",
        )
        for number, name in zip(("solitary", "2-4", "5"), RESECTABLE_LIVER, strict=True)
    ),
    _Place(
        "continuum:iv-unresectable-liver-only-ablated/5-y-8-y-os#8y",
        "cure",
        ("liver_unresectable",),
        "alive at 8 years, ablation of up to 9 lesions",
        bound="at most",
    ),
    *(
        _Place(
            f"continuum:iv-liver-{organ}-resected/5-y-os",
            "cure",
            ("oligometastatic",),
            f"alive at 5 years, liver and {words}",
            bound="at most",
        )
        for organ, words in (("lung", "lung"), ("peritoneum", "peritoneum"), ("ln", "node"))
    ),
    _Place(
        "continuum:ii/post-op-ctdna-positive-no-chemo",
        "occult",
        ("stage_2",),
        "circulating tumour DNA after the operation",
        bound="at least",
    ),
    _Place(
        "continuum:crc-primary-curative-resection/occult-liver-micrometastases",
        "occult",
        ("stage_1", "stage_2", "stage_3"),
        "occult metastases of the liver",
        bound="at least",
        printed=30.0,
    ),
)


def published_points() -> tuple[Published, ...]:
    """Every published number that stands beside the continuum, in the order of the axis."""
    return tuple(_published(place, finding(place.key)) for place in _PLACES)


def _published(place: _Place, row: Finding) -> Published:
    printed = row.value if place.printed is None else place.printed
    assert printed is not None, f"{row.key} has no number"
    value, lower, upper = printed / 100.0, _share(row.lower), _share(row.upper)
    interval = "none" if lower is None else "published"
    counts = _COUNTS.match(row.statistic)
    if lower is None and counts is not None:
        events, count = int(counts[1]), int(counts[2])
        lower, upper = binomial(events / count, count)
        interval = "derived"
    if place.flip:
        value = 1.0 - value
        lower, upper = _complement(upper), _complement(lower)
    return Published(
        key=row.key,
        line=place.line,
        extents=place.extents,
        measure=place.measure,
        value=value,
        lower=lower,
        upper=upper,
        interval=interval,
        bound=place.bound,
        role=row.role,
        population=row.population,
        source=citation(row),
    )


def _share(percent: float | None) -> float | None:
    return None if percent is None else percent / 100.0


def _complement(share: float | None) -> float | None:
    return None if share is None else 1.0 - share
