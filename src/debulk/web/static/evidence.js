"use strict";
// After filters change, the status line says the new answer; messages about a wrong field are shown.
(function () {
  document.addEventListener("htmx:beforeSwap", function (event) {
    if (event.detail.xhr.status === 422) { event.detail.shouldSwap = true; event.detail.isError = false; }
  });
  document.addEventListener("htmx:afterSwap", function (event) {
    const results = document.getElementById("results");
    if (event.detail.target.id === "results" && results) { window.debulkSay(results.dataset.said); }
  });
})();
