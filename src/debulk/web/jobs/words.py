"""A run in words: the same on its page, in the stream and in the status line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from debulk.core.strings import entries, text


def told(job: Mapping[str, Any]) -> str:
    """State of a run with the share done and the time left, where these are known."""
    state = str(job["state"])
    if state != "running":
        return text(f"jobs.told.{state}")
    share = float(job["share"] if "share" in job else job["progress"])
    words = text("jobs.told.running", percent=f"{100 * share:.0f}")
    left = job.get("seconds_left")
    return words if left is None else f"{words} {time_left(float(left))}"


def named(kind: str) -> str:
    """What a kind of run computes, in words; its own name where there are none."""
    return str(entries("jobs.kinds").get(kind, kind))


def time_left(seconds: float) -> str:
    """A time to come, as roughly as it is known."""
    if seconds < 90:
        return text("jobs.left.seconds", count=max(1, round(seconds)))
    return text("jobs.left.minutes", count=round(seconds / 60))
