"""Virtual patients with metastatic bowel cancer: natural history, and course under treatment."""

from typing import TYPE_CHECKING

from debulk.core.lazy import lazy_names

if TYPE_CHECKING:
    from debulk.disease.census import Census as Census
    from debulk.disease.census import take_census as take_census
    from debulk.disease.course.care import Care as Care
    from debulk.disease.course.care import LocalTreatment as LocalTreatment
    from debulk.disease.course.outcome import Course as Course
    from debulk.disease.course.outcome import Watch as Watch
    from debulk.disease.course.run import run_course as run_course
    from debulk.disease.mechanisms import MECHANISMS as MECHANISMS
    from debulk.disease.model import DiseaseModel as DiseaseModel
    from debulk.disease.model import load_model as load_model
    from debulk.disease.model import prior_model as prior_model
    from debulk.disease.posterior import Posterior as Posterior
    from debulk.disease.posterior import read_posterior as read_posterior
    from debulk.disease.presenters import Presenters as Presenters
    from debulk.disease.presenters import draw_presenters as draw_presenters
    from debulk.disease.structures import STRUCTURES as STRUCTURES

__all__ = [
    "MECHANISMS",
    "STRUCTURES",
    "Care",
    "Census",
    "Course",
    "DiseaseModel",
    "LocalTreatment",
    "Posterior",
    "Presenters",
    "Watch",
    "draw_presenters",
    "load_model",
    "prior_model",
    "read_posterior",
    "run_course",
    "take_census",
]

_lazy, __dir__ = lazy_names(
    __name__,
    {
        "MECHANISMS": "debulk.disease.mechanisms",
        "STRUCTURES": "debulk.disease.structures",
        "Care": "debulk.disease.course.care",
        "Census": "debulk.disease.census",
        "Course": "debulk.disease.course.outcome",
        "DiseaseModel": "debulk.disease.model",
        "LocalTreatment": "debulk.disease.course.care",
        "Posterior": "debulk.disease.posterior",
        "Presenters": "debulk.disease.presenters",
        "Watch": "debulk.disease.course.outcome",
        "draw_presenters": "debulk.disease.presenters",
        "load_model": "debulk.disease.model",
        "prior_model": "debulk.disease.model",
        "read_posterior": "debulk.disease.posterior",
        "run_course": "debulk.disease.course.run",
        "take_census": "debulk.disease.census",
    },
)


def __getattr__(name: str) -> object:
    return _lazy(name)
