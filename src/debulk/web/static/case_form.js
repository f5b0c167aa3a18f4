"use strict";
// The form of a case, refined: rows without a round trip, keys inside tables, months from dates.
// Without this file every button posts the form and does the same. Nothing typed leaves the page.
(function () {
  const form = document.getElementById("case-form");
  if (!form) { return; }
  const words = JSON.parse(document.getElementById("form-data").textContent);
  const within = (selector, from) => Array.from((from || form).querySelectorAll(selector));
  const rowsOf = (section) => within("tbody > tr.entry-row", section).filter((row) => !row.hidden);
  const controlsOf = (row) => within("td[data-column] input:not([type=hidden]), td[data-column] select", row);
  const tableOf = (node) => node.closest("section[data-table]");

  let sending = false;
  form.addEventListener("submit", function (event) {
    if (sending) { event.preventDefault(); return; }
    sending = true;
  });
  window.addEventListener("pageshow", function () { sending = false; });

  // A lesion is named by its organ's letter and the next number, as the server names it.
  function nameLesion(row) {
    const hidden = row.querySelector("input[type=hidden][name$='.lesion_id']");
    const organ = row.querySelector("td[data-column=organ] select");
    if (!hidden || !organ) { return; }
    // Typing "per" passes pleura on its way: until it is sent, the name follows the organ.
    if (row.dataset.named) { hidden.value = ""; }
    if (!hidden.value && organ.value) {
      const taken = new Set(within("input[name$='.lesion_id']").map((each) => each.value));
      let number = 1;
      while (taken.has(words.prefixes[organ.value] + number)) { number += 1; }
      hidden.value = row.dataset.named = words.prefixes[organ.value] + number;
      row.querySelector(".row-name").textContent = hidden.value;
      retitle(row, words.lesion.replace("NAME", hidden.value));
      suggestLesions();
    }
    const site = row.querySelector("td[data-column=site] input");
    if (site) { site.setAttribute("list", "suggested-sites-" + organ.value); }
  }
  function suggestLesions() {
    document.getElementById("suggested-lesions").replaceChildren(
      ...within("input[name$='.lesion_id']").filter((each) => each.value && !each.name.startsWith("removed.")).map(function (each) {
        const option = document.createElement("option");
        option.value = each.value;
        return option;
      })
    );
  }
  function retitle(row, title) {
    controlsOf(row).forEach(function (each) {
      const column = each.closest("td").dataset.label.replace(/ \([^)]*\)$/, "");
      each.setAttribute("aria-label", column + ", " + title);
    });
    const remove = row.querySelector(".remove");
    remove.setAttribute("aria-label", remove.textContent + " " + title);
  }
  form.addEventListener("change", function (event) {
    const row = event.target.closest("tr.entry-row");
    if (row && event.target.closest("td[data-column=organ]")) { nameLesion(row); }
  });

  // The server says that a table is full: its button is left to it.
  const isFull = (section) => rowsOf(section).length >= words.most_rows;
  function addRow(section, like) {
    const keys = new Set(within("[data-key]", section).map((each) => each.dataset.key));
    let number = 1;
    while (keys.has("n" + number)) { number += 1; }
    const made = section.querySelector("template").content.cloneNode(true);
    const row = made.querySelector("tr"), key = "n" + number;
    [row, ...within("*", row)].forEach(function (node) {
      Array.from(node.attributes).forEach(function (each) {
        if (["id", "name", "value", "data-key", "data-converts", "for"].includes(each.name)) {
          node.setAttribute(each.name, each.value.replace("KEY", key));
        }
      });
    });
    section.querySelector("tbody").append(row);
    const place = rowsOf(section).length;
    if (section.dataset.table !== "lesions") { row.querySelector(".row-name").textContent = String(place); }
    retitle(row, words.row.replace("NUMBER", String(place)));
    if (like) { copy(like, row, section.dataset.table); }
    within("button.convert", row).forEach((each) => { each.hidden = false; });
    form.dataset.unsaved = "1";
    controlsOf(row)[0].focus();
    return row;
  }
  function copy(from, to, table) {
    words.copied[table].forEach(function (column) {
      const cell = "td[data-column=" + column + "] ";
      const source = from.querySelector(cell + "input, " + cell + "select");
      const target = to.querySelector(cell + "input, " + cell + "select");
      target.value = source.value;
    });
    nameLesion(to);
  }

  // A row taken out is kept under another name, so that it can be put back.
  function rename(row, out) {
    within("[name]", row).forEach(function (each) {
      if (each.name === "action" || each.name === "keep") { return; }
      each.name = out ? "removed." + each.name : each.name.replace(/^removed\./, "");
    });
  }
  function removeRow(row) {
    const section = tableOf(row), name = row.querySelector(".row-name").textContent.trim();
    const messages = row.nextElementSibling && row.nextElementSibling.matches(".row-messages") ? row.nextElementSibling : null;
    const item = document.createElement("li"), undo = document.createElement("button");
    rename(row, true);
    row.hidden = true;
    if (messages) { messages.hidden = true; }
    undo.type = "button"; undo.className = "plain"; undo.textContent = words.undo;
    undo.setAttribute("aria-label", words.undo + " " + name);
    item.append(words.removed.replace("ROW", name) + " ", undo);
    section.querySelector(".removed").append(item);
    undo.addEventListener("click", function () {
      rename(row, false);
      row.hidden = false;
      if (messages) { messages.hidden = false; }
      item.remove();
      controlsOf(row)[0].focus();
    });
    form.dataset.unsaved = "1";
    undo.focus();
  }

  form.addEventListener("click", function (event) {
    const button = event.target.closest("button");
    if (!button) { return; }
    const section = tableOf(button);
    if (section && button.matches(".add, .same")) {
      if (isFull(section)) { return; }
      event.preventDefault();
      const rows = rowsOf(section);
      addRow(section, button.matches(".same") ? rows[rows.length - 1] : null);
    } else if (section && button.matches(".remove")) {
      event.preventDefault();
      removeRow(button.closest("tr"));
    } else if (button.matches(".convert")) {
      openConverter(button);
    }
  });

  // Enter goes on, and in the last cell makes the next row; up and down change the row.
  form.addEventListener("keydown", function (event) {
    const row = event.target.closest("tr.entry-row");
    if (!row || !event.target.matches("input[type=text], select") || event.isComposing) { return; }
    const controls = controlsOf(row), place = controls.indexOf(event.target);
    if (event.key === "Enter") {
      event.preventDefault();
      const rows = rowsOf(tableOf(row)), next = rows[rows.indexOf(row) + 1];
      if (place < controls.length - 1) { controls[place + 1].focus(); }
      else if (next) { controlsOf(next)[0].focus(); }
      else if (isFull(tableOf(row))) { tableOf(row).querySelector(".add").click(); }
      else { addRow(tableOf(row), null); }
    } else if ((event.key === "ArrowUp" || event.key === "ArrowDown") && event.target.matches("input:not([list])")) {
      const rows = rowsOf(tableOf(row));
      const other = rows[rows.indexOf(row) + (event.key === "ArrowUp" ? -1 : 1)];
      if (other) { event.preventDefault(); controlsOf(other)[place].focus(); controlsOf(other)[place].select(); }
    }
  });

  // "Unknown" and a number exclude each other: the last one given holds.
  form.addEventListener("change", function (event) {
    if (event.target.matches("[data-unknown-of]") && event.target.checked) {
      document.getElementById(event.target.dataset.unknownOf).value = "";
    }
  });
  form.addEventListener("input", function (event) {
    const box = form.querySelector('[data-unknown-of="' + event.target.id + '"]');
    if (box && event.target.value) { box.checked = false; }
  });

  // Months between two dates, which have no name and are never sent.
  const dialog = document.getElementById("converter");
  const from = document.getElementById("converter-from"), to = document.getElementById("converter-to");
  const result = document.getElementById("converter-result");
  let target = null;
  within("button.convert").forEach((each) => { each.hidden = false; });
  function openConverter(button) {
    target = document.getElementById(button.dataset.converts);
    const label = dialog.querySelector("label[for=converter-to]");
    label.textContent = label.dataset.words.replace("LABEL", button.dataset.label);
    result.value = "";
    to.value = "";
    dialog.showModal();
    (from.value ? to : from).focus();
  }
  function months() {
    if (!from.value || !to.value) { return null; }
    return (Date.parse(to.value) - Date.parse(from.value)) / 86400000 / words.days_per_month;
  }
  [from, to].forEach(function (each) {
    each.addEventListener("input", function () {
      const value = months();
      result.value = value === null || !Number.isFinite(value) ? "" : value.toFixed(1);
    });
  });
  function closeConverter() { dialog.close(); if (target) { target.focus(); } }
  document.getElementById("converter-use").addEventListener("click", function () {
    if (result.value !== "") {
      target.value = result.value;
      target.dispatchEvent(new Event("input", { bubbles: true }));
    }
    closeConverter();
  });
  document.getElementById("converter-close").addEventListener("click", closeConverter);

  // A link to a column goes to its first empty cell; one to a closed question opens its list.
  function follow() {
    const found = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!found) { return; }
    const closed = found.closest("details");
    if (closed) { closed.open = true; }
    if (found.matches("th[data-column]")) {
      const cells = within('td[data-column="' + found.dataset.column + '"]', tableOf(found)).filter((each) => !each.closest("template, [hidden]"));
      const cell = cells.find((each) => !each.querySelector("input, select").value) || cells[0];
      if (cell) { cell.querySelector("input, select").focus(); }
    } else if (found.matches("input, select, textarea")) {
      found.focus();
    } else if (found.matches("span[id]")) {
      found.parentElement.querySelector("select").focus();
    }
  }
  window.addEventListener("hashchange", follow);
  if (!document.getElementById("errors") && !document.querySelector("[autofocus]")) { follow(); }
})();
