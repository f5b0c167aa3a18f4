"""What a reader notes on its way: what it left out, decided, ignored, and cannot know."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from debulk.core.provenance import Exclusion, sha256_of
from debulk.patients.reading_record import ReadingRecord


@dataclass
class Notes:
    """Notes of one reading; ends in a `ReadingRecord`."""

    inputs: dict[str, str] = field(default_factory=dict)
    excluded: Counter[str] = field(default_factory=Counter)
    decided: Counter[str] = field(default_factory=Counter)
    ignored: Counter[str] = field(default_factory=Counter)
    not_known: dict[str, None] = field(default_factory=dict)

    def read(self, file: Path, name: str | None = None) -> None:
        """Note a file by its name and the SHA-256 of its bytes."""
        self.inputs[name or file.name] = sha256_of(file)

    def exclude(self, reason: str, count: int) -> None:
        """Note rows or patients left out; nothing where there are none."""
        if count:
            self.excluded[reason] += count

    def decide(self, decision: str, count: int) -> None:
        """Note a choice and how many values it touched; nothing where there are none."""
        if count:
            self.decided[decision] += count

    def ignore(self, what: str, count: int = 1) -> None:
        """Note what was there and not used."""
        if count:
            self.ignored[what] += count

    def unknown(self, what: str) -> None:
        """Note what the source cannot tell."""
        self.not_known[what] = None

    def record(self, source: str, time_zero: str) -> ReadingRecord:
        """The notes as a record."""
        return ReadingRecord(
            source=source,
            time_zero=time_zero,
            inputs=dict(sorted(self.inputs.items())),
            exclusions=_counted(self.excluded),
            decisions=tuple(f"{text}: {count}" for text, count in self.decided.items()),
            ignored=_counted(self.ignored),
            not_known=tuple(self.not_known),
        )


def _counted(counts: Counter[str]) -> tuple[Exclusion, ...]:
    return tuple(Exclusion(reason, float(count)) for reason, count in counts.items())
