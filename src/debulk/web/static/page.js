"use strict";
// What every page shares: sliders beside their number fields, focus on errors, forged requests.
(function () {
  const field = (id) => document.getElementById(id);

  // A slider, its two buttons and its number field are one value; the field is what is sent.
  document.addEventListener("input", function (event) {
    const from = event.target;
    if (from.matches("input[type=range][data-for]")) {
      field(from.dataset.for).value = from.value;
    } else if (from.matches("input.number[data-step]")) {
      const range = document.querySelector('input[type=range][data-for="' + from.id + '"]');
      const value = Number(from.value.replace(",", "."));
      if (range && Number.isFinite(value)) { range.value = value; }
    }
  });
  document.addEventListener("change", function (event) {
    const from = event.target;
    if (from.matches("input[type=range][data-for]")) {
      field(from.dataset.for).dispatchEvent(new Event("change", { bubbles: true }));
    }
  });
  document.addEventListener("click", function (event) {
    const button = event.target.closest("button.step");
    if (!button) { return; }
    const target = field(button.dataset.for), step = Number(target.dataset.step);
    const digits = (String(target.dataset.step).split(".")[1] || "").length;
    const value = Number(target.value.replace(",", ".")) + Number(button.dataset.step) * step;
    target.value = value.toFixed(digits);
    target.dispatchEvent(new Event("input", { bubbles: true }));
    target.dispatchEvent(new Event("change", { bubbles: true }));
  });

  // htmx notes the address of the page in the browser's store; a case's is kept nowhere.
  function forget() { sessionStorage.removeItem("htmx-current-path-for-history"); }
  document.addEventListener("htmx:replacedInHistory", forget);
  forget();

  document.addEventListener("htmx:configRequest", function (event) {
    event.detail.headers["X-CSRF-Token"] = document.querySelector("meta[name=csrf]").content;
  });

  // What cannot be computed comes as 422 with its messages, which are to be shown.
  document.addEventListener("htmx:beforeSwap", function (event) {
    if (event.detail.xhr.status === 422) { event.detail.shouldSwap = true; event.detail.isError = false; }
  });

  // Results are told by the one status line, not by reading a table aloud.
  window.debulkSay = function (words) { field("status").textContent = words; };

  // What was typed and not sent is told before it is thrown away. Who signs in has nothing to lose,
  // and ticks alone are soon made again.
  function note(form) {
    const words = form.querySelector("textarea, input[type=text]");
    if (words && !form.querySelector("[autocomplete=current-password]")) { form.dataset.unsaved = "1"; }
  }
  document.addEventListener("input", function (event) {
    const form = event.target.form;
    if (form && form.method === "post") { note(form); }
  });
  document.addEventListener("submit", function (event) { event.target.dataset.unsaved = "0"; });
  window.addEventListener("beforeunload", function (event) {
    if (document.querySelector('form[method="post"][data-unsaved="1"]')) { event.preventDefault(); }
  });
  // Refused values stand in the page alone.
  document.querySelectorAll('form[method="post"]:has([aria-invalid="true"])').forEach(note);

  let opened = [];
  window.addEventListener("beforeprint", function () {
    opened = Array.from(document.querySelectorAll("details:not([open])"));
    opened.forEach(function (each) { each.open = true; });
  });
  window.addEventListener("afterprint", function () {
    opened.forEach(function (each) { each.open = false; });
  });
  const errors = field("errors");
  if (errors) { errors.focus(); }
})();
