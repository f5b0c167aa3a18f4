"""Virtual patients with metastatic colorectal cancer: natural history and course under treatment."""

from debulk.core.lazy import lazy_names

__all__ = [
    "MECHANISMS",
    "Course",
    "DiseaseModel",
    "LocalTreatment",
    "Presenters",
    "draw_presenters",
    "load_model",
    "run_course",
]

_lazy, __dir__ = lazy_names(
    __name__,
    {
        "MECHANISMS": "debulk.disease.model",
        "Course": "debulk.disease.course",
        "DiseaseModel": "debulk.disease.model",
        "LocalTreatment": "debulk.disease.course",
        "Presenters": "debulk.disease.presenters",
        "draw_presenters": "debulk.disease.presenters",
        "load_model": "debulk.disease.model",
        "run_course": "debulk.disease.course",
    },
)


def __getattr__(name: str) -> object:
    return _lazy(name)
