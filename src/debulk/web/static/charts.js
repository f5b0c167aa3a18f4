"use strict";
// Draws every chart of a page from the JSON beside it, and those that a partial swap brings.
(function () {
  function draw(root) {
    const places = Array.from(root.querySelectorAll("[data-chart]"));
    return Promise.all(places.map(function (place) {
      const source = document.getElementById("chart-" + place.dataset.chart);
      if (!source) { return null; }
      return window.debulkCharts.draw(place, JSON.parse(source.textContent)).then(function () {
        // The drawing is named by its container; its parts are in the table.
        place.querySelectorAll("svg").forEach(function (svg) { svg.setAttribute("aria-hidden", "true"); });
      });
    }));
  }

  document.addEventListener("htmx:load", function (event) {
    if (event.target !== document.body) { draw(event.target); }
  });
  window.debulkCharts.keepDrawn(function () { return draw(document); });
})();
