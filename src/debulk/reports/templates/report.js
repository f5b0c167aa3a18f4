"use strict";
(function () {
  const specifications = JSON.parse(document.getElementById("charts").textContent);
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
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
      legend: { labelColor: ink, labelFontSize: 13, labelLimit: 260 },
      range: { category: ["--control", "--debulking", "--truth", "--published", "--soft"].map(colour) },
    };
  }

  // Drawn without eval, so that the page's own policy can forbid everything it does not need.
  function draw() {
    return Promise.all(Object.keys(specifications).map(function (name) {
      const options = { mode: "vega-lite", actions: false, renderer: "svg", ast: true,
        config: theme(), defaultStyle: false, tooltip: false };
      return vegaEmbed(document.getElementById("chart-" + name), specifications[name], options);
    }));
  }

  function drawAgain() {
    draw().then(function () { document.documentElement.dataset.drawn = "yes"; });
  }

  let opened = [];
  window.addEventListener("beforeprint", function () {
    opened = Array.from(document.querySelectorAll("details:not([open])"));
    opened.forEach(function (each) { each.open = true; });
  });
  window.addEventListener("afterprint", function () {
    opened.forEach(function (each) { each.open = false; });
  });
  dark.addEventListener("change", drawAgain);
  drawAgain();
})();
