"""How far the futures of a case are: not enough known, not computed, computing, done, stale."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from fastapi import Request

from debulk.board.futures.words import not_enough
from debulk.core.strings import text
from debulk.web.board.changed_since import changed_words
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
    changed : str
        In one sentence, what has changed since a stale run.
    """

    state: State
    tally: Mapping[str, Any]
    result: Mapping[str, Any] | None = None
    job: Job | None = None
    changed: str = ""

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
        if self.state == "stale":
            return self.changed
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


def futures_state(
    request: Request, shown: ShownCase, *, sitting: int | None = None
) -> FuturesState:
    """How far the futures of a case are, as one sitting sees them; by default the running one."""
    case_id, version = shown.record.case_id, shown.record.version
    tally = _tally(request, shown, sitting)
    if shown.known is None:
        reasons, said, still = not_enough(shown.obstacles)
        result = {"reasons": list(reasons), "text": said, "still_known": list(still)}
        return FuturesState("not_enough_known", tally, result)
    job = latest(request, KIND, parameters_of(shown), case_id, case_version=version)
    if job is not None:
        return _of(job, tally)
    # Other lines of the department move no figure of the patient: the same version comes first.
    job = latest(request, KIND, case=case_id, case_version=version)
    job = job or latest(request, KIND, case=case_id)
    if job is None or job.result is None or job.result["state"] != "shown":
        # What stopped, or found too little, on another version says nothing of this one.
        return FuturesState("not_computed", tally)
    return FuturesState(
        "stale", tally, _without_trials(job.result), job, _changed(request, shown, job)
    )


def _changed(request: Request, shown: ShownCase, job: Job) -> str:
    """What has changed since the run: the lines of the department, or what the case says."""
    old, now = job.case_version, shown.record.version
    if old is None or old == now:
        return text("meeting.futures.stale_lines")
    before = request.app.state.records.cases.opened(shown.record.case_id, old)
    words = changed_words(before.content, shown.record.content)
    what = text("meeting.futures.stale_what", what=words) if words else ""
    return text("meeting.futures.stale", old=old, now=now, what=what)


def _tally(request: Request, shown: ShownCase, sitting: int | None) -> dict[str, Any]:
    """Views of the running sitting; of the one decided last while nothing has happened since."""
    votes, case_id = request.app.state.records.votes, shown.record.case_id
    running: dict[str, Any] = votes.tally(case_id, sitting)
    touched = running["futures_opened_at"] or running["first_views"]["members"]
    if touched or sitting is not None:
        return running
    decided = request.app.state.records.decisions.of_case(case_id)
    if not decided or decided[0].case_version != shown.record.version:
        return running
    return dict(votes.tally(case_id, decided[0].sitting))


def _of(job: Job, tally: Mapping[str, Any]) -> FuturesState:
    if job.state == "failed":
        return FuturesState("failed", tally, job=job)
    if job.result is None:
        return FuturesState("computing", tally, job=job)
    # The run may have found that too few virtual patients are like the case.
    known: State = "done" if job.result["state"] == "shown" else "not_enough_known"
    return FuturesState(known, tally, _without_trials(job.result), job)


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
