"""Simulate the funnel of every packaged protocol, for pages that cannot wait for it.

Run ``python scripts/simulate_protocol_funnels.py``; it writes src/debulk/data/trials/funnels.json,
always the same bytes for the same program, protocols and disease model.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from debulk import __version__
from debulk.protocols import load_protocol, packaged_protocols
from debulk.trials import run_trial

TARGET = Path(__file__).resolve().parent.parent / "src" / "debulk" / "data" / "trials"
TRIALS, SEED = 40, 1
DIGITS = 1
"""Mean numbers of patients, of which the Monte Carlo error is larger."""


def main() -> None:
    """Write the file."""
    content = {
        "version": __version__,
        "trials": TRIALS,
        "seed": SEED,
        "protocols": {name: _funnel(name) for name in packaged_protocols()},
    }
    TARGET.mkdir(exist_ok=True)
    text = json.dumps(content, indent=1, ensure_ascii=False)
    (TARGET / "funnels.json").write_text(text + "\n", encoding="utf-8")


def _funnel(name: str) -> dict[str, Any]:
    protocol = load_protocol(name)
    result = run_trial(protocol, trials=TRIALS, seed=SEED).to_dict()
    arm = result["arms"][protocol.experimental.name]
    print(name, len(result["funnel"]), "steps")
    return {
        "protocol_sha256": protocol.sha256,
        "version": protocol.version,
        "patients_from": result["patients_from"]["name"],
        "steps": [_step(each) for each in result["funnel"]],
        "experimental": {
            "patients": round(arm["patients"], DIGITS),
            "treated_as_assigned": _share(arm["treated_as_assigned"]),
            "treated_completely": _share(arm["treated_completely"]),
        },
    }


def _step(step: dict[str, Any]) -> dict[str, Any]:
    reasons = sorted(step["reasons"], key=lambda each: -each["patients"])
    return {
        "step": step["step"],
        "text": step["text"],
        "patients": round(step["patients"], DIGITS),
        "reasons": [
            {"text": each["text"], "patients": round(each["patients"], DIGITS)}
            for each in reasons[:3]
        ],
    }


def _share(value: float | None) -> float | None:
    return None if value is None else round(value, 3)


if __name__ == "__main__":
    main()
