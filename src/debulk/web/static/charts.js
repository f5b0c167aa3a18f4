"use strict";
// Draws every chart of a page from the JSON beside it, with Vega's expression interpreter (no eval),
// in the page's colours; draws again when the reader changes between light and dark, and for the
// charts that a partial swap brings.
(function () {
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  function theme() {
    const ink = colour("--ink"), soft = colour("--soft"), line = colour("--line");
    const font = "system-ui, -apple-system, 'Segoe UI', Roboto, Arial, sans-serif";
    return {
      background: "transparent", font: font,
      view: { stroke: null }, text: { color: ink }, rule: { color: soft },
      axis: { labelColor: soft, titleColor: soft, gridColor: line, domainColor: line,
        tickColor: line, labelFontSize: 13, titleFontSize: 13, titleFontWeight: "normal",
        gridOpacity: 0.6, labelFlush: false },
      axisX: { grid: false },
      legend: { labelColor: ink, titleColor: soft, labelFontSize: 13, labelLimit: 260 },
      header: { labelColor: ink, titleColor: soft },
      range: { category: ["--control", "--debulking", "--truth", "--published", "--soft"].map(colour) },
    };
  }

  function draw(root) {
    const places = Array.from(root.querySelectorAll("[data-chart]"));
    return Promise.all(places.map(function (place) {
      const source = document.getElementById("chart-" + place.dataset.chart);
      if (!source) { return null; }
      const options = { mode: "vega-lite", actions: false, renderer: "svg", ast: true,
        config: theme(), defaultStyle: false, tooltip: false };
      return vegaEmbed(place, JSON.parse(source.textContent), options).then(function () {
        // The drawing is named by its container; its parts are in the table.
        place.querySelectorAll("svg").forEach(function (svg) { svg.setAttribute("aria-hidden", "true"); });
      });
    })).then(function () { document.documentElement.dataset.drawn = "yes"; });
  }

  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", function () { draw(document); });
  document.addEventListener("htmx:load", function (event) {
    if (event.target !== document.body) { draw(event.target); }
  });
  draw(document);
})();
