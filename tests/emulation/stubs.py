"""A method that answers at once and remembers what it was given."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from debulk.core.errors import InputError
from debulk.core.results import Estimate
from debulk.emulation.answers import Answer, StrategyCurve
from debulk.emulation.grace import GracePeriod
from debulk.emulation.method_table import NAIVE, Method
from debulk.emulation.person_time import PersonTime


class Stub:
    """Stands for every method.

    Attributes
    ----------
    given : dict
        What each method was called with.
    refuses : set of str
        Methods that refuse.
    """

    def __init__(self) -> None:
        self.given: dict[str, dict[str, object]] = {}
        self.refuses: set[str] = set()

    def of(self, method: Method) -> Callable[..., Answer]:
        """The function that stands for a method."""

        def answer(person_time: PersonTime, grace: GracePeriod, **options: object) -> Answer:
            if method.name in self.refuses:
                raise InputError("model of treatment", "separation", "Use fewer terms")
            self.given[method.name] = {"person_time": person_time, "grace": grace, **options}
            months = np.array([1.0, 30.0])
            curve = StrategyCurve(grace.names[0], months, *(np.array([0.9, 0.4]),) * 5)
            return Answer(
                method=method.name,
                title=method.title,
                contrast="strategies" if method.name != "mantel-byar" else "treated or not",
                estimand="as named",
                hazard_ratio=Estimate("a ratio", 0.9, 0.1, 0.7, float("nan"), 0.95, 2, 1),
                rmst_difference=None,
                risk_difference=None,
                tau_months=60.0,
                patients=dict.fromkeys(grace.names, 2),
                events=dict.fromkeys(grace.names, 1),
                curves=(curve,),
                caveats=("It is biased.",) if method.name == NAIVE else (),
            )

        return answer
