"use strict";
// Charts in the colours of the page they stand on, for reports and for the web page alike; drawn with
// Vega's expression interpreter (no eval), so that a page can forbid everything it does not need.
window.debulkCharts = (function () {
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

  // Draw one chart into its place; a promise of Vega's.
  function draw(place, specification) {
    const options = { mode: "vega-lite", actions: false, renderer: "svg", ast: true,
      config: theme(), defaultStyle: false, tooltip: false };
    return vegaEmbed(place, specification, options);
  }

  // Draw all charts now, and again when the reader changes between light and dark.
  function keepDrawn(drawAll) {
    const drawn = () => drawAll().then(function () { document.documentElement.dataset.drawn = "yes"; });
    window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawn);
    return drawn();
  }

  return { draw: draw, keepDrawn: keepDrawn };
})();
