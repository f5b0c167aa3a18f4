"""Write the tables and figures of docs/reference/two-registries.md.

Run ``DEBULK_DATA=FOLDER python scripts/write_registry_page.py``. FOLDER holds crc_msk_2017 and
msk_chord_2024_crc. Aggregates alone leave; the two are joined in memory. The figures need the
extra `figures`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from registry_crc_msk import (
    Facts,
    Ratio,
    Step,
    dated_steps,
    facts_of,
    joined,
    registry,
    undated_steps,
)
from registry_msk_chord import (
    MEASURED,
    PLANNED,
    Answered,
    all_methods,
    answered,
    beside_progression,
    counts_of,
    e_value_words,
    person_time_rows,
)

from debulk.core.errors import InputError
from debulk.core.files import write_text
from debulk.core.results import Estimate
from debulk.emulation import Emulation, StrategyCurve
from debulk.patients import Cohort
from debulk.patients.readers.cbioportal import read_cbioportal

DOCS = Path(__file__).parents[1] / "docs"
PAGE = DOCS / "reference" / "two-registries.md"
IMAGES = DOCS / "img"
END = "<!-- end -->"


def folder() -> Path:
    """Where the patients' tables lie.

    Raises
    ------
    InputError
        If DEBULK_DATA names no folder.
    """
    named = os.environ.get("DEBULK_DATA", "")
    if not named or not Path(named).is_dir():
        found = f"{named!r} is no folder" if named else "is not set"
        raise InputError("DEBULK_DATA", found, "Name the folder that holds both registries")
    return Path(named)


def read(data: Path) -> tuple[Cohort, Cohort]:
    """crc_msk_2017 and MSK-CHORD."""
    return read_cbioportal(data / "crc_msk_2017"), read_cbioportal(data / "msk_chord_2024_crc")


def crc_steps(crc: Cohort, chord: Cohort) -> tuple[list[Step], Facts]:
    """The hazard ratio of crc_msk_2017 taken apart, and the counts behind it."""
    rows = registry(crc)
    both = joined(rows, chord)
    assert crc.record is not None
    without = next(each.count for each in crc.record.exclusions if "survival is 0" in each.reason)
    return [*undated_steps(rows), *dated_steps(both)], facts_of(rows, both, int(without))


def steps_table(steps: Sequence[Step]) -> list[str]:
    """One row a step: four hazard ratios, and what each takes away."""
    heading = (
        "what is compared", "patients (treated), deaths", "crude", "adjusted",
        "crude, from sequencing on", "adjusted, from sequencing on", "takes away", "leaves",
    )  # fmt: skip
    return markdown(
        heading,
        (
            (
                each.what, f"{each.patients:,} ({each.treated:,}), {each.deaths:,}",
                *(ratio_text(one, 3) for one in (*each.from_metastases, *each.from_sequencing)),
                each.removes, each.leaves,
            )
            for each in steps
        ),
    )  # fmt: skip


def facts_lines(facts: Facts) -> list[str]:
    """The counts that explain the steps."""
    operated, never = facts.never_yet_operated
    return [
        f"- {facts.patients:,} patients have a survival from their metastases; "
        f"{facts.without_time} whose survival is written as 0, which stands for missing, are left "
        "out.",
        f"- **Left truncation.** Nobody is in the registry who died before a tumour was sequenced. "
        f"That was {facts.sequenced_months[0]:.1f} months after the metastases (median) in those "
        f"ever treated and {facts.sequenced_months[1]:.1f} in the others: longer spans in which "
        "nobody could be seen to die.",
        f"- **Survivorship.** Within a year of their metastases {facts.dead_in_a_year[0]} of those "
        f"ever treated died, and {facts.dead_in_a_year[1]} of the others.",
        f"- **Immortal time.** The first operation came {facts.months_to_operation:.1f} months "
        f"after the metastases (median); {100 * facts.immortal_share:.0f} % of all follow-up of "
        "those ever treated lies before it, and none of them could die there.",
        f"- **A label from the future.** *Ever* is known at the end. Of the {never} patients in "
        f"both registries who are labelled *never*, {operated} had an operation after their "
        "metastases too: which operation was called a metastasectomy was decided with the whole "
        "record at hand.",
        f"- **Selection.** At the metastases those ever treated had {facts.organs[0]:.2f} organs "
        f"involved (mean), the others {facts.organs[1]:.2f}; the liver alone in "
        f"{100 * facts.liver_only[0]:.0f} and {100 * facts.liver_only[1]:.0f} %.",
    ]


def flow_table(emulation: Emulation) -> list[str]:
    """Participant flow: who is left, and why the others are not."""
    rows = []
    for each in emulation.flow:
        reasons = "; ".join(f"{int(one.count):,} {one.reason}" for one in each.left_out)
        rows.append((each.step, f"{each.patients:,}", reasons))
    return markdown(("step", "patients left", "left out"), rows)


def methods_table(planned: Emulation, measured: Emulation) -> list[str]:
    """Every method under both sets of covariates, and the trial."""
    rows = []
    for one, other in zip(planned.answers, measured.answers, strict=True):
        rows.append(
            (
                one.method,
                "treated or not" if one.contrast != "strategies" else "strategies",
                ratio_of(one.hazard_ratio),
                months_of(one.rmst_difference),
                ratio_of(other.hazard_ratio),
                months_of(other.rmst_difference),
            )
        )
    trial = planned.published
    assert trial is not None
    told = ratio_text((trial["hazard_ratio"], trial["lower"], trial["upper"]))
    rows.append(("**ORCHESTRA itself**", "randomised", told, "", told, ""))
    heading = (
        "method", "what it contrasts", "hazard ratio, the plan's covariates", "months to 60",
        "hazard ratio, measured covariates", "months to 60",
    )  # fmt: skip
    return markdown(heading, rows)


def checks_table(planned: Emulation, measured: Emulation) -> list[str]:
    """Every check of both."""
    others = {each.check: each for each in measured.checks}
    rows = []
    for each in planned.checks:
        other = others[each.check]
        text = each.text if each.text == other.text else f"{each.text} Measured: {other.text}"
        rows.append((each.check, each.state, other.state, text))
    return markdown(
        ("check", "the plan's covariates", "measured covariates", "what it found"), rows
    )


def variants_table(found: Iterable[Answered]) -> list[str]:
    """What else could have been asked, and its answer."""
    heading = (
        "", "variant", "patients", "natural", "months to 60", "E-value; of the limit",
        "uniform", "checks of the answer that fail (natural)",
    )  # fmt: skip
    rows = []
    for each in found:
        first, second = each.natural, each.uniform
        uniform = "refused" if isinstance(second, str) else ratio_of(second.answer.hazard_ratio)
        if isinstance(first, str):
            why = first.removesuffix(".")
            rows.append(
                (each.variant.group, each.variant.what, "", "refused", "", "", uniform, why)
            )
            continue
        failed = [one.check for one in first.checks if one.state == "fail"]
        rows.append(
            (
                each.variant.group, each.variant.what, f"{first.patients:,}",
                ratio_of(first.answer.hazard_ratio), months_of(first.answer.rmst_difference),
                e_value_words(first), uniform, ", ".join(failed),
            )
        )  # fmt: skip
    return markdown(heading, rows)


def counts_lines(emulation: Emulation) -> list[str]:
    """What the answer rests on."""
    n = counts_of(emulation)
    return [
        f"- {n['treated']} of {emulation.patients} patients had an operation or radiation at some "
        f"time after time zero; {n['inside']} within the grace period and before progression, "
        f"{n['after_progression']} after progression.",
        f"- {n['progressed_first']} progressed untreated within the grace period and have followed "
        "both strategies: the two differ in the others alone.",
        f"- {n['open_at_deadline']} were still eligible and untreated at the last visit; "
        f"{n['treated_at_deadline']} of them were treated there. Under timing *natural* these "
        f"{n['treated_at_deadline']} stand for all.",
        f"- {n['late']} were sequenced after time zero and count from then on; "
        f"{n['late_after_treatment']} of them only after the treatment itself, whose specimen was "
        "often what was sequenced.",
    ]


def medians_line(planned: Emulation, measured: Emulation) -> list[str]:
    """Median survival from time zero under both strategies, beside the trial's arms."""
    trial = planned.published
    assert trial is not None
    told = []
    for words, emulation in (("the plan's covariates", planned), ("measured ones", measured)):
        without, with_local = (_median(each) for each in emulation.answer.curves)
        told.append(f"{without:.1f} months without and {with_local:.1f} with ({words})")
    arms = trial["median_os_months"]
    return [
        "Median survival from time zero by clone, censor, weight: "
        f"{'; '.join(told)}. ORCHESTRA's arms: {arms['control']:.1f} and "
        f"{arms['experimental']:.1f} from randomisation."
    ]


def _median(curve: StrategyCurve) -> float:
    return float(curve.time_months[int((curve.survival <= 0.5).argmax())])


def person_time_table(emulation: Emulation) -> list[str]:
    """Why treated against untreated person-time turns round."""
    rows = [
        (
            what, str(answer.patients["treated"]), str(answer.events["treated"]),
            str(answer.events["untreated"]), ratio_of(answer.hazard_ratio),
        )
        for what, answer in person_time_rows(emulation)
    ]  # fmt: skip
    beside = beside_progression(emulation)
    rows += [
        (f"any, beside progression in one model: {what}", "", "", "", ratio_text(beside[what]))
        for what in ("treated", "progressed")
    ]
    heading = ("which treatment counts", "treated", "deaths treated", "deaths untreated", "ratio")
    return markdown(heading, rows)


def blocks(crc: Cohort, chord: Cohort) -> tuple[dict[str, list[str]], list[Step], list[Answered]]:
    """Everything between the page's marks, and what the figures show."""
    steps, facts = crc_steps(crc, chord)
    planned, measured = all_methods(chord, PLANNED), all_methods(chord, MEASURED)
    variants = answered(chord)
    made = {
        "steps": steps_table(steps),
        "facts": facts_lines(facts),
        "flow": flow_table(planned),
        "counts": counts_lines(measured),
        "methods": methods_table(planned, measured),
        "medians": medians_line(planned, measured),
        "person-time": person_time_table(measured),
        "checks": checks_table(planned, measured),
        "variants": variants_table(variants),
        "not-known": [f"- {each}" for each in planned.not_known],
    }
    return made, steps, variants


def page(text: str, made: dict[str, list[str]]) -> str:
    """A page's text with each block between its marks written anew.

    Raises
    ------
    InputError
        If the page has lost a mark.
    """
    for name, lines in made.items():
        begin = f"<!-- {name}: written by scripts/write_registry_page.py -->\n"
        before, found, rest = text.partition(begin)
        _, ended, after = rest.partition(END)
        if not (found and ended):
            raise InputError(str(PAGE), f"has lost its mark {name!r}", "Put it back")
        body = "\n".join(lines)
        text = f"{before}{begin}\n{body}\n\n{END}{after}"
    return text


def draw(steps: Sequence[Step], variants: Sequence[Answered], images: Path) -> None:
    """Both forests, as SVG."""
    from debulk.reports.figures.forest import ForestFigure, ForestRow, forest_chart
    from debulk.reports.figures.pictures import drawn

    crc = tuple(
        ForestRow(each.what, *each.from_metastases[1], counts=f"{each.deaths} / {each.patients}")
        for each in steps
    )
    msk = []
    for each in variants:
        if not isinstance(each.natural, str):
            ratio = each.natural.answer.hazard_ratio
            assert ratio is not None
            what = f"{each.variant.group}: {each.variant.what}".replace("*", "").replace("`", "")
            msk.append(ForestRow(what, ratio.estimate, ratio.lower, ratio.upper))
    figures = {
        "registry-steps": ForestFigure(
            "crc_msk_2017: one registry, ten ways of asking",
            "hazard ratio of death, treated / not (adjusted)",
            crc,
            counts_title="Deaths / patients, crude",
            notes=("No row is an effect of treatment.",),
        ),
        "registry-variants": ForestFigure(
            "MSK-CHORD with ORCHESTRA's question: every variant",
            "hazard ratio of death (clone, censor, weight; natural)",
            tuple(msk),
            notes=("Checks fail in every row; the table says which.",),
        ),
    }
    for name, figure in figures.items():
        (images / f"{name}.svg").write_bytes(drawn(forest_chart(figure), ("svg",))["svg"])


def ratio_text(ratio: Ratio, digits: int = 2) -> str:
    """Such as 0.13 (0.10 to 0.17)."""
    return f"{ratio[0]:.{digits}f} ({ratio[1]:.{digits}f} to {ratio[2]:.{digits}f})"


def ratio_of(estimate: Estimate | None) -> str:
    """A hazard ratio with its interval; a dash where a method gives none."""
    return "-" if estimate is None else ratio_text(
        (estimate.estimate, estimate.lower, estimate.upper)
    )  # fmt: skip


def months_of(estimate: Estimate | None) -> str:
    """A difference of restricted means; a method may have no interval for it."""
    if estimate is None:
        return "-"
    told = f"{estimate.estimate:+.1f}"
    if estimate.lower == estimate.lower:  # not NaN
        told += f" ({estimate.lower:+.1f} to {estimate.upper:+.1f})"
    return told.replace("-", "\u2212")


def markdown(heading: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Lines of a Markdown table."""

    def line(cells: Sequence[str]) -> str:
        return f"| {' | '.join(each.replace('|', '/') for each in cells)} |"

    return [line(heading), f"|{'---|' * len(heading)}", *(line(row) for row in rows)]


def main() -> None:
    """Read both registries, write the page and its figures."""
    try:
        made, steps, variants = blocks(*read(folder()))
        write_text(PAGE, page(PAGE.read_text(encoding="utf-8"), made))
        draw(steps, variants, IMAGES)
    except InputError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
