"use strict";
// After filters change, the status line says the new answer.
(function () {
  document.addEventListener("htmx:afterSwap", function (event) {
    const results = document.getElementById("results");
    if (event.detail.target.id === "results" && results) { window.debulkSay(results.dataset.said); }
  });
})();
