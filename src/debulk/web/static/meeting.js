"use strict";
// The sheet's print button; without scripts the browser's own menu prints it.
(function () {
  for (const button of document.querySelectorAll("button[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", function () { window.print(); });
  }
})();
