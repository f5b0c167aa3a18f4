"""Death from other causes: the US population's rates, R survival's survexp.us."""

from __future__ import annotations

import io
import math
from functools import lru_cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from debulk.core.errors import InputError

OLDEST_AGE = 110
"""Last age of a table, in years; the source ends at 109, whose rate 110 takes."""


def other_cause_hazards(year: float) -> NDArray[np.float64]:
    """Hazard of death from other causes by sex and age in one calendar year.

    US population, R survival's survexp.us: the packaged years are 1985, 1990, 1995, 2000, 2005,
    2010 and 2014; between them the hazard goes along the straight line.

    Parameters
    ----------
    year : float
        Calendar year, 1985 to 2014.

    Returns
    -------
    ndarray of float64, shape (2, 111)
        Hazard per month of 30.4375 days; rows male and female, columns age 0 to 110 in completed
        years.

    Raises
    ------
    InputError
        If the year is outside the packaged years.

    Examples
    --------
    Of men aged 65 in 2008, 1.6 % died within a year.

    >>> import numpy as np
    >>> table = other_cause_hazards(2008)
    >>> table.shape
    (2, 111)
    >>> float(np.round(1.0 - np.exp(-12.0 * table[0, 65]), 4))
    0.0164
    """
    years, hazards = _packaged()
    if not (math.isfinite(year) and years[0] <= year <= years[-1]):
        raise InputError(
            "year of the life table",
            f"{year!r} is not between {years[0]:.0f} and {years[-1]:.0f}",
            "Give a calendar year for which the table has rates (table_year of the disease model)",
        )
    after = max(1, int(np.searchsorted(years, year)))
    share = (year - years[after - 1]) / (years[after] - years[after - 1])
    between: NDArray[np.float64] = (1.0 - share) * hazards[after - 1] + share * hazards[after]
    return between


@lru_cache(maxsize=1)
def _packaged() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The packaged years, and their hazards as years x sexes x ages 0 to 110."""
    file = resources.files("debulk") / "data" / "disease" / "life_table.csv"
    lines = [each for each in file.read_text("utf-8").splitlines() if not each.startswith("#")]
    rows = np.loadtxt(io.StringIO("\n".join(lines[1:])), delimiter=",")
    years = np.unique(rows[:, 0])
    by_year = rows[:, 2:].reshape(years.size, OLDEST_AGE, 2).transpose(0, 2, 1)
    hazards = np.concatenate([by_year, by_year[:, :, -1:]], axis=2)
    return years, np.ascontiguousarray(hazards)
