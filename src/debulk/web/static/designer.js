"use strict";
// The designer with scripts: the result follows the fields, the fields stay where they are.
(function () {
  const form = document.getElementById("designer");
  document.documentElement.classList.add("scripted");

  // Fields are marked as their messages come and go; the summary of a whole page is then outdated.
  document.addEventListener("htmx:afterSettle", function () {
    form.querySelectorAll("[aria-describedby]").forEach(function (each) {
      const message = document.getElementById(each.id + "-error");
      if (message && message.textContent) { each.setAttribute("aria-invalid", "true"); } else { each.removeAttribute("aria-invalid"); }
    });
    const summary = document.getElementById("errors");
    if (summary) { summary.remove(); }
    const result = document.getElementById("result");
    if (result.dataset.told !== "yes") { result.dataset.told = "yes"; window.debulkSay(result.dataset.status); }
  });
})();
