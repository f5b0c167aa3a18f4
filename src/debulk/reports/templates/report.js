"use strict";
// A report draws its charts from the one block that holds them all, and prints what is folded.
(function () {
  const specifications = JSON.parse(document.getElementById("charts").textContent);
  window.debulkCharts.keepDrawn(function () {
    return Promise.all(Object.keys(specifications).map(function (name) {
      return window.debulkCharts.draw(document.getElementById("chart-" + name), specifications[name]);
    }));
  });

  let opened = [];
  window.addEventListener("beforeprint", function () {
    opened = Array.from(document.querySelectorAll("details:not([open])"));
    opened.forEach(function (each) { each.open = true; });
  });
  window.addEventListener("afterprint", function () {
    opened.forEach(function (each) { each.open = false; });
  });
})();
