// A link may ask for a dialog (?act=deal): without script it stands open in the page, with it, in front.
(function () {
  "use strict";
  document.querySelectorAll("dialog[open]").forEach(function (dialog) {
    if (!dialog.showModal) { return; }
    dialog.removeAttribute("open");
    dialog.showModal();
  });
})();
