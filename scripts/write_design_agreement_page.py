"""Write docs/reference/design-agreement.md: what designs promise and what simulated trials deliver.

The designs and seeds are those of tests/trials/simulation/test_statistical_agreement.py, which
holds every difference to its limit. Run it with no argument.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
TEST = ROOT / "tests" / "trials" / "simulation" / "test_statistical_agreement.py"
PAGE = ROOT / "docs" / "reference" / "design-agreement.md"


def agreement() -> Any:
    """The module of the test, with its designs and the comparison of each."""
    spec = importlib.util.spec_from_file_location("design_agreement", TEST)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def page(module: Any) -> str:
    """The whole page.

    Parameters
    ----------
    module : module
        As `agreement` gives it.
    """
    made = {name: (make(), make) for name, make in module.DESIGNS.items()}
    found = {name: module.compare(design) for name, (design, _) in made.items()}
    equal = [name for name, (design, _) in made.items() if design.allocation == 1.0]
    worst = max(abs(found[name].power - found[name].promised_power) for name in equal)
    looks = max(abs(found[name].efficacy - found[name].promised).max() for name in equal)
    lines = [
        "# Designs, agreement",
        "",
        "<!-- Written by scripts/write_design_agreement_page.py; do not edit. -->",
        "",
        "What the formulas of `survival_design` promise, and what trials simulated patient by",
        f"patient by `simulate` deliver: {len(made)} designs, {module.TRIALS:,} trials each under",
        "the null hypothesis and under the design's hazard ratio. Bounds are those of the design;",
        "all else (event times, entry, loss, log-rank statistic) is drawn and computed anew.",
        "",
        "The formulas are asymptotic. Under the null hypothesis the share that crosses efficacy",
        f"first at a look lies within 4 standard errors + {module.NULL_SLACK:g} from 200 events",
        "on; under the design's hazard ratio power and crossing lie within",
        f"{module.ALTERNATIVE_DIFFERENCE:g} where patients are allocated equally. With two",
        "patients to one, Schoenfeld's formula asks for more events than are needed, and the",
        "trials have more power than promised.",
        "",
        f"Largest difference with equal allocation: power {worst:.4f}, crossing at one look",
        f"{looks:.4f}.",
        "",
        "## Power",
        "",
        "| design | events | power promised | simulated less promised | standard error |",
        "|---|---|---|---|---|",
    ]
    for name, (design, _) in made.items():
        each = found[name]
        lines.append(
            f"| {name} | {design.events:.0f} | {each.promised_power:.4f} |"
            f" {each.power - each.promised_power:+.4f} | {each.power_error:.4f} |"
        )
    lines += [
        "",
        "## Crossing at each look",
        "",
        "Share of trials that cross efficacy first at the look: promised, and simulated less",
        "promised with its standard error. *Limit* is that under the null hypothesis; looks before",
        "200 events have none.",
        "",
        "| design | look | events | null | difference | error | limit | alternative | difference |"
        " error |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for name, (design, _) in made.items():
        each = found[name]
        for k, look in enumerate(design.looks):
            limit = f"{each.null_limit[k]:.4f}" if look.events >= module.FEW_EVENTS else "none"
            lines.append(
                f"| {name} | {k + 1} | {look.events:.0f} | {each.null_promised[k]:.4f} |"
                f" {each.null[k] - each.null_promised[k]:+.4f} | {each.null_error[k]:.4f} |"
                f" {limit} |"
                f" {each.promised[k]:.4f} | {each.efficacy[k] - each.promised[k]:+.4f} |"
                f" {each.efficacy_error[k]:.4f} |"
            )
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(agreement()), encoding="utf-8")
    print(PAGE.relative_to(ROOT))
