"""How far the futures of a case are: not enough known, not computed, computing, done, stale."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from fastapi import Request

from debulk.board.futures.words import not_enough
from debulk.core.strings import text
from debulk.web.board.meeting_case import ShownCase
from debulk.web.jobs.queue import Job, latest, submit

KIND = "board.futures"

State = Literal["not_enough_known", "not_computed", "computing", "done", "stale", "failed"]


@dataclass(frozen=True, slots=True)
class FuturesState:
    """The futures of a case as a page shows them.

    Attributes
    ----------
    state : str
        Out of `State`.
    tally : mapping
        First views and votes of the running sitting, and when it opened the futures.
    result : mapping or None
        What was computed, or why not enough is known.
    job : Job or None
        The run.
    """

    state: State
    tally: Mapping[str, Any]
    result: Mapping[str, Any] | None = None
    job: Job | None = None

    @property
    def opened(self) -> bool:
        """Whether the sitting has opened them: before that nobody sees a figure."""
        return self.tally["futures_opened_at"] is not None

    @property
    def shown(self) -> bool:
        """Whether there are figures to look at."""
        return self.opened and self.state in ("done", "stale")

    @property
    def first_views(self) -> int:
        """How many first views are noted."""
        return int(self.tally["first_views"]["members"])

    @property
    def in_short(self) -> str:
        """In one sentence."""
        if self.state == "not_enough_known":
            return text("meeting.futures_states.not_known")
        if not self.opened:
            noted = "not_opened" if self.first_views else "not_opened_unseen"
            return text(f"meeting.futures_states.{noted}", count=self.first_views)
        if self.state == "done" and self.result is not None:
            return verdict_of(self.result)
        return text(f"meeting.futures_states.{self.state}")

    def to_dict(self) -> dict[str, Any]:
        """Plain values; no figure before the sitting has opened them."""
        said: dict[str, Any] = {}
        if self.result is not None and (self.opened or self.state == "not_enough_known"):
            said |= self.result
        said |= {
            "state": self.state,
            "opened": self.opened,
            "first_views": self.tally["first_views"],
        }
        if self.job is not None:
            said |= {"job": self.job.address, "computed_for_version": self.job.case_version}
        return said


def verdict_of(result: Mapping[str, Any]) -> str:
    """Whether the model can tell the options apart, in the words of its statement."""
    verdict = result["equipoise"]["model"]["verdict"]
    option = result["options"][1]["title"]
    return text(f"equipoise.verdicts.{verdict}", option=option)


def futures_state(request: Request, shown: ShownCase) -> FuturesState:
    """How far the futures of a case are."""
    tally = _tally(request, shown)
    if shown.known is None:
        reasons, said, still = not_enough(shown.obstacles)
        result = {"reasons": list(reasons), "text": said, "still_known": list(still)}
        return FuturesState("not_enough_known", tally, result)
    job = latest(request, KIND, parameters_of(shown), case=shown.record.case_id)
    if job is None:
        job = latest(request, KIND, case=shown.record.case_id)
        return FuturesState("not_computed", tally) if job is None else _of(job, tally, stale=True)
    return _of(job, tally, stale=job.case_version != shown.record.version)


def _tally(request: Request, shown: ShownCase) -> dict[str, Any]:
    """Views of the running sitting; of the one decided last while nothing has happened since."""
    votes, case_id = request.app.state.records.votes, shown.record.case_id
    running: dict[str, Any] = votes.tally(case_id)
    touched = running["futures_opened_at"] or running["first_views"]["members"]
    decided = request.app.state.records.decisions.of_case(case_id)
    if touched or not decided or decided[0].case_version != shown.record.version:
        return running
    return dict(votes.tally(case_id, decided[0].sitting))


def _of(job: Job, tally: Mapping[str, Any], *, stale: bool) -> FuturesState:
    if job.state == "failed":
        return FuturesState("failed", tally, job=job)
    if job.result is None:
        return FuturesState("not_computed" if stale else "computing", tally, job=job)
    # The run may have found that too few virtual patients are like the case.
    known: State = "done" if job.result["state"] == "shown" else "not_enough_known"
    state: State = "stale" if stale and known == "done" else known
    return FuturesState(state, tally, _without_trials(job.result), job)


def _without_trials(result: Mapping[str, Any]) -> Mapping[str, Any]:
    """A result without the trials that earlier versions kept in it: the evidence names them now."""
    if "trials" not in (kept := result.get("equipoise") or {}):
        return result
    said = {name: each for name, each in kept["text"].items() if name != "trials"}
    model = {name: each for name, each in kept.items() if name != "trials"}
    return {**result, "equipoise": {**model, "text": said}}


def parameters_of(shown: ShownCase) -> dict[str, Any]:
    """What a run is found by beside the case and its version: the department's lines."""
    return {"settings": shown.seen.settings.to_dict()}


def compute(request: Request, shown: ShownCase) -> Job:
    """Start the run, or find the one that is under way."""
    return submit(
        request,
        KIND,
        parameters_of(shown),
        case=shown.record.case_id,
        case_version=shown.record.version,
    )
