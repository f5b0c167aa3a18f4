"use strict";
// Warns two minutes before a sign-in ends, and keeps what was typed when it did: after a new sign-in
// in another tab the forms of this page take the new token and go on.
(function () {
  const WARN_SECONDS = 120, BACKGROUND = { headers: { "X-Debulk-Background": "1" } };
  const box = document.getElementById("sign-in-ending"), name = box.dataset.name;
  const part = (kind) => box.querySelector("[data-when=" + kind + "]");
  let timer = null, ended = false;

  function wait(seconds) {
    clearTimeout(timer);
    const warn = seconds - WARN_SECONDS;
    timer = setTimeout(warn > 0 ? ask : end, Math.max(0, warn > 0 ? warn : seconds) * 1000);
  }

  // Asks without keeping the sign-in alive: another tab may have done so meanwhile.
  function ask() {
    fetch("/account.json", BACKGROUND).then((answer) => answer.ok ? answer.json() : null)
      .then(function (account) {
        if (!account) { end(); return; }
        if (account.seconds_left <= WARN_SECONDS + 1) { show("soon"); }
        wait(account.seconds_left);
      }).catch(function () { wait(WARN_SECONDS); });
  }

  function show(kind) {
    ["soon", "ended"].forEach((each) => { part(each).hidden = each !== kind; });
    box.hidden = false;
    window.debulkSay(part(kind).querySelector("p").textContent);
  }

  function end() { ended = true; show("ended"); }

  function take(account) {
    document.querySelector("meta[name=csrf]").content = account.form_token;
    document.querySelectorAll("input[name=csrf]").forEach((each) => { each.value = account.form_token; });
    ended = false;
    box.hidden = true;
    wait(account.seconds_left);
  }

  // A request like any other keeps the sign-in alive, and says for how long.
  function go_on() {
    fetch("/account.json").then((answer) => answer.ok ? answer.json() : null)
      .then(function (account) {
        if (!account) { window.debulkSay(box.dataset.notYet); return; }
        if (account.name !== name) { window.debulkSay(box.dataset.other); return; }
        take(account);
        window.debulkSay(box.dataset.stayed);
      }).catch(function () { window.debulkSay(box.dataset.notYet); });
  }

  box.querySelectorAll("button").forEach((each) => each.addEventListener("click", go_on));
  document.addEventListener("submit", function (event) {
    if (!ended) { return; }
    event.preventDefault();
    event.stopImmediatePropagation();
    show("ended");
    part("ended").querySelector("a").focus();
  }, true);
  wait(Number(box.dataset.seconds));
})();
