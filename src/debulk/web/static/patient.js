"use strict";
// Plays the months of a virtual patient: moves the slider and asks for the page's part again.
// Off at start; never where the reader wants no motion.
(function () {
  const button = document.getElementById("play"), form = document.getElementById("virtual-patient");
  const month = document.getElementById("month");
  let timer = null;

  function show() {
    const query = new URLSearchParams(new FormData(form)).toString();
    htmx.ajax("GET", "/disease/patient?" + query, { target: "#life", select: "#life", swap: "outerHTML" });
    history.replaceState(null, "", "/disease/patient?" + query);
  }

  function stop() {
    clearInterval(timer); timer = null; button.textContent = button.dataset.play;
  }

  month.addEventListener("change", show);
  if (window.matchMedia("(prefers-reduced-motion: reduce)").matches) { return; }
  button.hidden = false;
  button.addEventListener("click", function () {
    if (timer) { stop(); return; }
    button.textContent = button.dataset.stop;
    timer = setInterval(function () {
      const next = Number(month.value) + 2;
      if (next > 60) { stop(); return; }
      month.value = next;
      month.dispatchEvent(new Event("input", { bubbles: true }));
      show();
    }, 900);
  });
})();
