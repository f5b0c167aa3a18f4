"""From what was given to a design by the log-rank test, as solved and in whole numbers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from debulk.core.errors import InputError
from debulk.reports.design.asking.given import Given
from debulk.reports.design.asking.reading import (
    allocation_of,
    dropout_of,
    number_of,
    numbers_of,
    pieces_of,
    placed,
    strata_of,
)

if TYPE_CHECKING:
    from debulk.trials.boundaries.bounds import Boundaries
    from debulk.trials.planning.dilution import DilutedHazardRatio
    from debulk.trials.planning.goals import GoalTable
    from debulk.trials.survival_designs.trial_design import TrialDesign

DEFAULT_EFFICACY = "spending-obrien-fleming"
DEFAULT_ALPHA, DEFAULT_HARM_ALPHA, DEFAULT_GOAL_POWER = 0.025, 0.025, 0.8
FRONT, RANDOMISED = "front of the funnel", "randomised patients"
_MOST_TURNS = 100
_SETTLED = 1e-11


@dataclass(frozen=True)
class Question:
    """Everything that a design needs, read and ready.

    Attributes
    ----------
    hazard_ratio : float or pieces
        As the trial is planned for: from the goal where one is given, before dilution.
    arguments : dict
        The other arguments of `survival_design`.
    goal : GoalTable or None
    boundaries : Boundaries or None
    """

    hazard_ratio: Any
    arguments: dict[str, Any]
    goal: GoalTable | None
    boundaries: Boundaries | None


@dataclass(frozen=True)
class Planned:
    """A design by the log-rank test.

    Attributes
    ----------
    solved : TrialDesign
        Events and patients as solved.
    whole : TrialDesign
        Whole events and patients, and the power they give.
    question : Question
    dilution : DilutedHazardRatio or None
    """

    solved: TrialDesign
    whole: TrialDesign
    question: Question
    dilution: DilutedHazardRatio | None


def question_of(given: Given) -> Question:
    """Read everything that was given.

    Parameters
    ----------
    given : Given

    Raises
    ------
    InputError
        With the option or the line, on the first thing that is wrong.
    """
    arguments = {
        "null_ratio": number_of(given, "null_ratio"),
        "alpha": number_of(given, "alpha"),
        "sided": given.get("sided"),
        "power": number_of(given, "power"),
        "patients": number_of(given, "patients"),
        "events": number_of(given, "events"),
        "follow_up": number_of(given, "follow_up"),
        "allocation": allocation_of(given),
        "accrual": pieces_of(given, "accrual"),
        "dropout": dropout_of(given),
        "formula": given.get("formula"),
        "median_control": number_of(given, "median_control"),
        "hazard_control": pieces_of(given, "hazard_control"),
        "strata": strata_of(given),
    }
    ratio = pieces_of(given, "hazard_ratio")
    goal = None
    if ratio is None and "gain_months" in given:
        ratio, goal = _goal(given, arguments)
    elif "front_median" in given:
        found = "it shows what --gain-months would be there, and no gain is given"
        raise InputError(given.place("front_median"), found, "Give --gain-months")
    if ratio is None:  # every stratum has its own
        ratio = 1.0
    used = {name: value for name, value in arguments.items() if value is not None}
    return Question(ratio, used, goal, boundaries_of(given, used))


def boundaries_of(given: Given, arguments: dict[str, Any]) -> Boundaries | None:
    """Boundaries at the looks; None without looks.

    Parameters
    ----------
    given : Given
    arguments : dict
        Those of `survival_design`.

    Raises
    ------
    InputError
        On rules that are none, or that contradict each other.
    """
    looks = numbers_of(given, "looks", "0.5,0.75,1")
    if looks is None:
        for name in ("efficacy", "futility", "binding", "harm", "harm_alpha"):
            if name in given:
                raise InputError(given.place(name), "no looks are given", "Give --looks 0.5,1")
        return None
    if looks[-1] != 1.0:
        found = f"the last look is at {looks[-1]:g} of the information"
        raise InputError(given.place("looks"), found, "Let the last be 1, the final analysis")
    from debulk.trials.boundaries.solving import group_sequential
    from debulk.trials.boundaries.words import parse_rule

    power = arguments.get("power")
    futility = None
    if "futility" in given:
        futility = parse_rule(given.get("futility"), given.place("futility"))
        if power is None:
            found = "the rule is made for a power, and none is given"
            raise InputError(given.place("futility"), found, "Give --power")
    efficacy = parse_rule(given.get("efficacy", DEFAULT_EFFICACY), given.place("efficacy"))
    with placed(given, alpha_of_harm="harm_alpha", beta="power"):
        return group_sequential(
            looks,
            alpha=arguments.get("alpha", DEFAULT_ALPHA),
            sided=arguments.get("sided", 1),
            efficacy=efficacy,  # type: ignore[arg-type]
            futility=futility,  # type: ignore[arg-type]
            binding=bool(given.get("binding")),
            beta=_beta(given, power),
            harm=_harm(given),
        )


def _beta(given: Given, power: float | None) -> float | None:
    if power is None:
        return None
    if not 0.0 < power < 1.0:
        found = f"{power:g} is not between 0 and 1"
        raise InputError(given.place("power"), found, "Give 0.8, which is 80 %")
    return 1.0 - power


def _harm(given: Given) -> Any:
    if "harm" not in given:
        if "harm_alpha" in given:
            raise InputError(given.place("harm_alpha"), "there is no rule for harm", "Give --harm")
        return None
    from debulk.trials.boundaries.rule import Harm
    from debulk.trials.boundaries.spending import Spending
    from debulk.trials.boundaries.words import parse_rule

    rule = parse_rule(given.get("harm"), given.place("harm"))
    if not isinstance(rule, Spending):
        found = f"{given.get('harm')!r} spends no error of its own"
        remedy = "Give a spending function, as spending-pocock or kim-demets:1"
        raise InputError(given.place("harm"), found, remedy)
    with placed(given, alpha_of_harm="harm_alpha"):
        alpha = number_of(given, "harm_alpha")
        return Harm(rule, DEFAULT_HARM_ALPHA if alpha is None else alpha)


def _goal(given: Given, arguments: dict[str, Any]) -> tuple[float, GoalTable]:
    """The hazard ratio of an absolute gain, in the patients who are randomised."""
    from debulk.trials.planning.curves import ControlCurve
    from debulk.trials.planning.goals import goal_table

    if arguments["strata"] is not None:
        found = "a gain in months is asked for beside strata"
        raise InputError(given.place("gain_months"), found, "Give hazard ratios with strata")
    populations: dict[str, Any] = {}
    front = number_of(given, "front_median")
    if front is not None:
        populations[FRONT] = front
    control = arguments["median_control"]
    if control is None:
        hazard = arguments["hazard_control"]
        pieces = hazard if isinstance(hazard, tuple) else ((0.0, hazard),)
        with placed(given, hazards="hazard_control"):
            control = ControlCurve(pieces)
    populations[RANDOMISED] = control
    renamed = {
        "gain": "gain_months",
        "control": "median_control",
        f"populations['{FRONT}']": "front_median",
        f"populations['{RANDOMISED}']": "median_control",
    }
    power, sided = arguments["power"], arguments["sided"]
    with placed(given, **{name.replace(" ", "_"): place for name, place in renamed.items()}):
        table = goal_table(
            populations,
            gain=number_of(given, "gain_months") or 0.0,
            power=DEFAULT_GOAL_POWER if power is None else power,
            alpha=DEFAULT_ALPHA if arguments["alpha"] is None else arguments["alpha"],
            sided=1 if sided is None else sided,
            allocation=arguments["allocation"] or 1.0,
        )
    return table.rows[-1][1].hazard_ratio, table


def planned(given: Given, question: Question) -> Planned:
    """The design by the log-rank test.

    Parameters
    ----------
    given : Given
    question : Question

    Raises
    ------
    InputError
        With the option or the line, if there is no such design.
    """
    with placed(given, boundaries="looks", rounded="whole", binding="binding"):
        solved, dilution = _diluted(given, question)
        whole = solved.rounded()
    return Planned(_named(solved, given), _named(whole, given), question, dilution)


def _diluted(given: Given, question: Question) -> tuple[TrialDesign, DilutedHazardRatio | None]:
    from debulk.trials.survival_designs.designing import survival_design

    def design(ratio: Any) -> TrialDesign:
        return survival_design(
            hazard_ratio=ratio, boundaries=question.boundaries, **question.arguments
        )

    first = design(question.hazard_ratio)
    names = [name for name in ("not_treated", "crossover") if name in given]
    if not names:
        return first, None
    where = " and ".join(given.place(name) for name in names)
    constant = isinstance(question.hazard_ratio, float) and first.strata is None
    lost = question.arguments.get("dropout", 0.0)
    if not constant or isinstance(lost, tuple):
        found = "dilution is worked out for one hazard ratio, one population and one drop-out"
        raise InputError(where, found, "Give a single number for each, and no strata")
    # What is diluted depends on how long patients are followed, which depends on what is planned.
    found_design, before = first, question.hazard_ratio
    for _ in range(_MOST_TURNS):
        dilution = _dilution(given, question, found_design, lost)
        found_design = design(dilution.cox_limit)
        if abs(dilution.cox_limit - before) < _SETTLED:
            break
        before = dilution.cox_limit
    return found_design, dilution


def _dilution(
    given: Given, question: Question, design: TrialDesign, lost: float
) -> DilutedHazardRatio:
    from debulk.trials.planning.curves import ControlCurve
    from debulk.trials.planning.dilution import diluted_hazard_ratio

    entered = design.accrual.end_months
    given_names = [name for name in ("not_treated", "crossover") if name in given]
    with placed(given, dilution=given_names[0]):
        return diluted_hazard_ratio(
            question.hazard_ratio,
            control=ControlCurve(design.hazard_control),
            follow_up_months=max(0.0, design.duration_months - entered),
            accrual_months=min(entered, design.duration_months),
            dropout=lost,
            not_treated=number_of(given, "not_treated") or 0.0,
            crossover=number_of(given, "crossover") or 0.0,
            allocation=design.allocation,
        )


_ALWAYS_PASSED = {
    "null_ratio": ("null_ratio",),
    "allocation": ("allocation",),
    "dropout": ("dropout",),
    "formula": ("formula",),
}


def _named(design: TrialDesign, given: Given) -> TrialDesign:
    """The design whose parameters say what was typed and what was not."""
    parameters = []
    for each in design.parameters:
        changed = each
        if each.name in _ALWAYS_PASSED and each.name not in given:
            changed = replace(each, status="default", source="the program's default")
        elif each.name in ("alpha", "sided"):
            source = "the call" if each.name in given else "the program's default"
            status = "chosen" if each.name in given else "default"
            changed = replace(each, status=status, source=source)  # type: ignore[arg-type]
        elif each.name == "hazard_ratio" and ("gain_months" in given or _dilutes(given)):
            source = "gain_months and the control arm" if "gain_months" in given else "dilution"
            changed = replace(each, status="derived", source=source)
        parameters.append(changed)
    return replace(design, parameters=tuple(parameters))


def _dilutes(given: Given) -> bool:
    return "not_treated" in given or "crossover" in given
