"use strict";
// Shows how far the runs of a page are. A browser opens six connections to a host, and a stream
// holds one for as long as a run takes; so of all tabs one has a stream (it holds the lock), and the
// others ask every three seconds. Told are the start, each quarter, and the end; not every step.
(function () {
  const ASK_EVERY = 3000, QUARTERS = 4;
  const waiting = new Map();
  let asking = null, streaming = false;

  const places = () => Array.from(document.querySelectorAll("[data-job]"))
    .filter((place) => place.dataset.state === "queued" || place.dataset.state === "running");
  const shown = (job) => document.getElementById("job-" + job.id);
  const quarter = (job) => Math.floor(job.share * QUARTERS);

  function show(job) {
    const place = shown(job);
    if (!place || !waiting.has(job.id)) { return; }
    place.dataset.state = job.state;
    place.querySelector(".job-told").textContent = job.told;
    place.querySelector(".job-message").textContent = job.message;
    place.querySelector("progress").value = job.share;
    const before = waiting.get(job.id), now = job.state + quarter(job);
    if (before !== now) {
      waiting.set(job.id, now);
      window.debulkSay(job.state === "done" ? place.dataset.done : job.told);
    }
    if (job.is_over) { finish(job, place); }
  }

  function finish(job, place) {
    waiting.delete(job.id);
    if (job.state !== "done") {
      place.querySelectorAll("form").forEach((each) => each.remove());
    } else if (!place.dataset.part) {
      window.location.replace(place.dataset.target);
    } else {
      const part = "#" + place.dataset.part;
      window.htmx.ajax("GET", place.dataset.target, { target: part, select: part, swap: "outerHTML" });
    }
  }

  // The stream of the one tab that holds the lock; resolves when it has nothing more to tell.
  function stream() {
    return new Promise(function (resolve) {
      const ids = Array.from(waiting.keys(), (id) => "id=" + encodeURIComponent(id)).join("&");
      const source = new EventSource("/jobs/events?" + ids);
      const over = function () { source.close(); resolve(); };
      source.addEventListener("job", (event) => show(JSON.parse(event.data)));
      source.addEventListener("end", over);
      source.addEventListener("error", over);
      window.addEventListener("pagehide", over, { once: true });
    });
  }

  function ask() {
    if (streaming) { return; }
    waiting.forEach(function (_, id) {
      fetch("/jobs/" + encodeURIComponent(id) + ".json", { headers: { "X-Debulk-Background": "1" } })
        .then((answer) => answer.ok ? answer.json() : null)
        .then(function (page) { if (page) { show(page.job); } })
        .catch(function () { /* The server is away; the next question may find it. */ });
    });
  }

  function follow() {
    places().forEach(function (place) {
      if (!waiting.has(place.dataset.job)) { waiting.set(place.dataset.job, ""); }
    });
    if (!waiting.size || asking) { return; }
    asking = setInterval(function () {
      if (!waiting.size) { clearInterval(asking); asking = null; return; }
      ask();
      lead();
    }, ASK_EVERY);
    ask();
    lead();
  }

  function lead() {
    if (streaming || !waiting.size || !navigator.locks || !window.EventSource) { return; }
    navigator.locks.request("debulk-stream", { ifAvailable: true }, function (lock) {
      if (!lock || streaming) { return null; }
      streaming = true;
      return stream().then(function () { streaming = false; });
    });
  }

  document.addEventListener("htmx:load", follow);
  document.addEventListener("visibilitychange", function () { if (!document.hidden) { ask(); } });
  follow();
})();
