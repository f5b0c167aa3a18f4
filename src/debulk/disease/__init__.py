"""Virtual patients with metastatic bowel cancer: natural history, and course under treatment."""

from typing import TYPE_CHECKING

from debulk.core.lazy import lazy_names

if TYPE_CHECKING:
    from debulk.disease.census import Census as Census
    from debulk.disease.census import take_census as take_census
    from debulk.disease.course import Course as Course
    from debulk.disease.course import LocalTreatment as LocalTreatment
    from debulk.disease.course import run_course as run_course
    from debulk.disease.model import MECHANISMS as MECHANISMS
    from debulk.disease.model import DiseaseModel as DiseaseModel
    from debulk.disease.model import load_model as load_model
    from debulk.disease.presenters import Presenters as Presenters
    from debulk.disease.presenters import draw_presenters as draw_presenters

__all__ = [
    "MECHANISMS",
    "Census",
    "Course",
    "DiseaseModel",
    "LocalTreatment",
    "Presenters",
    "draw_presenters",
    "load_model",
    "run_course",
    "take_census",
]

_lazy, __dir__ = lazy_names(
    __name__,
    {
        "MECHANISMS": "debulk.disease.model",
        "Census": "debulk.disease.census",
        "Course": "debulk.disease.course",
        "DiseaseModel": "debulk.disease.model",
        "LocalTreatment": "debulk.disease.course",
        "Presenters": "debulk.disease.presenters",
        "draw_presenters": "debulk.disease.presenters",
        "load_model": "debulk.disease.model",
        "run_course": "debulk.disease.course",
        "take_census": "debulk.disease.census",
    },
)


def __getattr__(name: str) -> object:
    return _lazy(name)
