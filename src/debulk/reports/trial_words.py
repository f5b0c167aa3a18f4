"""What a trial's results are called: its endpoint, its claim, its worlds, where patients come from.

A result from before a key was added reads as it always did.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from debulk.reports import words

_FITS = {
    "full": "The disease model stands for this trial in full.",
    "partial": "The disease model stands for this trial in part. What is missing:",
    "none": "The disease model cannot stand for this trial. What is missing:",
}


@dataclass(frozen=True)
class TrialWords:
    """Words for one result.

    Attributes
    ----------
    result : mapping
        What `debulk trial run` writes as results.json.
    """

    result: Mapping[str, Any]

    @property
    def of_death(self) -> bool:
        """Whether the primary endpoint is overall survival."""
        return bool(self.result["effect"].get("endpoint", "os") == "os")

    @property
    def event(self) -> str:
        """The event of the primary endpoint."""
        return "death" if self.of_death else "progression or death"

    @property
    def events(self) -> str:
        """Events of the primary endpoint, as counted."""
        return "Deaths" if self.of_death else "Progressions and deaths"

    @property
    def hazard_ratio(self) -> str:
        """The hazard ratio by its full name."""
        return f"hazard ratio for {self.event}"

    @property
    def mean(self) -> str:
        """What the restricted mean is the mean of."""
        return "mean survival" if self.of_death else "mean progression-free survival"

    @property
    def followed_so_long(self) -> str:
        """In how many trials follow-up reached the horizon of that mean, if not in all."""
        trials = self.result["effect"]["rmst_difference_months"].get("trials")
        if trials is None or trials == self.result["trials"]:
            return ""
        return f" (in the {trials} of {self.result['trials']} trials followed so long)"

    @property
    def null_ratio(self) -> float:
        """The hazard ratio to reject."""
        return float(self.result["effect"].get("null_ratio", 1.0))

    @property
    def has_margin(self) -> bool:
        """Whether it is another one than 1."""
        return self.null_ratio != 1.0

    @property
    def claim(self) -> str:
        """What a trial declares."""
        if not self.has_margin:
            return "a benefit"
        below = f"a hazard ratio below {self.null_ratio:g}"
        return f"non-inferiority ({below})" if self.null_ratio > 1.0 else below

    @property
    def short_claim(self) -> str:
        """What a trial declares, without the margin's number."""
        return "non-inferiority" if self.null_ratio > 1.0 else self.claim

    @property
    def modelled(self) -> bool:
        """Whether patients come from the disease model."""
        return bool(self.patients_from.get("disease_model", True))

    @property
    def patients_from(self) -> Mapping[str, Any]:
        """What made the patients."""
        found: Mapping[str, Any] = self.result.get("patients_from", {})
        return found

    @property
    def planned(self) -> bool:
        """Whether they are drawn from the protocol's plan."""
        return bool(self.patients_from.get("plan", False))

    @property
    def of_local_treatment(self) -> bool:
        """Whether local treatment in the model is all that the arms may differ in."""
        by_arm = any("systemic" in arm for arm in self.result["arms"].values())
        return self.modelled and not by_arm

    @property
    def null_world(self) -> str:
        """What the null world is like."""
        nothing = "local treatment does nothing"
        return nothing if self.of_local_treatment else "the arms do not differ"

    @property
    def nominal_either_side(self) -> str:
        """Nominal share of null trials that declare a difference; nothing where there is none."""
        nominal = self.result["effect"]["two_sided_rejections_null"]["nominal"]
        return "" if nominal is None else f"nominal {words.share(nominal)}"

    @property
    def hoped_for(self) -> str:
        """Heading of the world simulated."""
        if self.result["world"] == "null":
            return "This run (null world)"
        if self.modelled:
            local = self.of_local_treatment and not self.has_margin
            works = "local treatment works as hoped" if local else "the arms differ as modelled"
            return f"If {works}"
        return "If the plan's hopes hold" if self.planned else "As simulated"

    @property
    def null_heading(self) -> str:
        """Heading of the null world."""
        local = self.of_local_treatment and not self.has_margin
        does_nothing = "If it does nothing" if local else "If the arms do not differ"
        return f"{does_nothing}: the null world"

    @property
    def source_of_patients(self) -> str:
        """Where patients come from, unless from the disease model; else nothing."""
        if self.modelled:
            return ""
        if self.planned:
            return (
                "Patients are drawn from the trial's plan: survival times alone, with the medians "
                "and hazard ratios that the plan assumes. The results say what the plan implies, "
                "not what the treatment does."
            )
        name = str(self.patients_from["name"])
        return f"Patients: {name}. The results say what follows from them."

    @property
    def calibration(self) -> str:
        """What the disease model's parameters are; nothing without that model."""
        if not self.modelled:
            return ""
        sample = self.patients_from.get("posterior")
        if not sample:
            return (
                "The disease model has one set of parameters in this run: its ranges show "
                "sampling, not what the model cannot know."
            )
        names = ", ".join(sample["structures"])
        return (
            f"The disease model is calibrated on published results. Trials take "
            f"{words.patients(sample['draws'])} parameter sets in turn, an approximate posterior "
            f"sample over its structures ({names}), which count by their draws. A model can be "
            "wrong in ways that none of them shows."
        )

    @property
    def fit(self) -> str:
        """How far the disease model can stand for the trial; nothing where it need not."""
        concerned = self.modelled or self.planned
        return _FITS.get(self._applicability["level"], "") if concerned else ""

    @property
    def missing(self) -> list[str]:
        """What it lacks."""
        return [str(each) for each in self._applicability["missing"]] if self.fit else []

    @property
    def _applicability(self) -> Mapping[str, Any]:
        found = self.result.get("applicability")
        return {"level": "", "missing": []} if found is None else found

    @property
    def null_declared(self) -> str:
        """Share of the null world's trials that declare what is to be shown."""
        effect = self.result["effect"]
        text = words.estimate(effect.get("declared_in_null_world") or effect["type_1_error"])
        if self.has_margin:
            return text
        return f"{text}, nominal {words.share(effect['type_1_error']['nominal'])}"

    @property
    def error_label(self) -> str:
        """Label of the type I error of a trial with a margin."""
        return f"trials that declare it where the true ratio is {self.null_ratio:g} (type I error)"

    @property
    def error_at_margin(self) -> str:
        """Type I error of a trial with a margin, or why there is none."""
        error = self.result["effect"]["type_1_error"]
        if error["estimate"] is None:
            return "not simulated"
        return f"{words.estimate(error)}, nominal {words.share(error['nominal'])}"

    @property
    def why_no_error(self) -> str:
        """Why there is no type I error; nothing where there is one."""
        reason = self.result["effect"]["type_1_error"].get("reason")
        return f"The type I error is not simulated: {reason}." if reason else ""

    @property
    def published_ratio(self) -> str:
        """The published hazard ratio with its interval, or that there is none."""
        published = self.result["published"]
        if published["hazard_ratio"] is None:
            return "none is known" if self.of_death else "none is known for this endpoint"
        bounds = words.limits(published["lower"], published["upper"])
        return f"{words.ratio(published['hazard_ratio'])} ({bounds})"

    def medians_beside_published(self) -> list[tuple[str, float | None, float | None]]:
        """Label, simulated and published median of each arm, as far as there is a published one."""
        published = self.result["published"]
        rows = []
        for key, title in (
            ("median_os_months", "Median overall survival"),
            ("median_pfs_months", "Median progression-free survival"),
        ):
            for name, arm in self.result["arms"].items():
                value = published.get(key, {}).get(name)
                if value is not None:
                    rows.append((f"{title}, {name}, months", arm[key], value))
        return rows

    def delivery(self) -> list[tuple[str, str]]:
        """Key and label of what is told of local treatment in any arm."""
        labels = {
            "treated_as_assigned": "Treated as assigned",
            "treated_minimum": "At least the share of lesions that the protocol wants treated",
            "treated_80": "At least 80 % of lesions treated",
            "treated_completely": "All lesions treated",
            "treated_after_progression": "Treated after progression (salvage)",
            "mortality_90_days": "Died within 90 days, of those treated locally",
            "major_complications": "Complication of grade 3 or more, of those treated locally",
        }
        arms = self.result["arms"].values()
        if all(arm.get("treated_minimum") == arm["treated_80"] for arm in arms):
            del labels["treated_minimum"]  # it would say the same again
        return [
            (key, label)
            for key, label in labels.items()
            if any(arm.get(key) is not None for arm in arms)
        ]

    @property
    def days_lost_told(self) -> bool:
        """Whether the days of systemic therapy lost are told of any arm."""
        return any(a["systemic_days_lost"] is not None for a in self.result["arms"].values())

    def sentence(self) -> str:
        """The answer of a run in one sentence; see `summary_sentence`."""
        result, effect = self.result, self.result["effect"]
        trials, spread = result["trials"], effect["hazard_ratio"]
        bounds = words.limits(spread["lower"], spread["upper"])
        found = (
            f"the {self.hazard_ratio} of {trials} simulated {result['protocol']} "
            f"{'trial' if trials == 1 else 'trials'} was {words.ratio(spread['median'])} at the "
            f"median (95 % of trials from {bounds}; below 1 favours "
            f"{words.experimental_arm(result)})"
        )
        in_null = words.estimate(effect.get("declared_in_null_world") or effect["type_1_error"])
        if result["world"] == "null":
            wrongly = (
                ". With equal arms, that is right" if self.null_ratio > 1.0 else " all the same"
            )
            return (
                f"This run is the null world, in which {self.null_world} and the true hazard ratio "
                f"is 1: {found}, and {in_null} of the trials would declare {self.claim}{wrongly}."
            )
        truth = result["truth"]
        true = words.with_error(truth["hazard_ratio"], truth["monte_carlo_error"]["hazard_ratio"])
        return (
            f"{self._condition}, {found}, while the same patients under both arms show a true "
            f"ratio of {true}; {words.estimate(effect['power'])} of the trials would declare "
            f"{self.claim}, against {in_null} in the null world, where {self.null_world}."
        )

    @property
    def _condition(self) -> str:
        if self.modelled:
            return "In this model"
        if self.planned:
            return "If patients fare as the plan assumes"
        return f"With {self.patients_from['name']}"


def summary_sentence(result: Mapping[str, Any]) -> str:
    """Give the answer of a trial run in one sentence, with its uncertainty and the null world.

    Parameters
    ----------
    result : mapping
        What `debulk trial run` writes as results.json.

    Returns
    -------
    str
        Plain text, not escaped for HTML.
    """
    return TrialWords(result).sentence()


def about_the_patients(result: Mapping[str, Any]) -> list[str]:
    """Lines on how far the disease model stands for the trial, and where its patients come from.

    Parameters
    ----------
    result : mapping
        What `debulk trial run` writes as results.json.
    """
    said = TrialWords(result)
    lines = [said.fit, *(f"  - {each}" for each in said.missing), said.source_of_patients]
    return [each for each in lines if each]
