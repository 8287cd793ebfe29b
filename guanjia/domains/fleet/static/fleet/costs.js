// 登记费用: only the fields of the chosen kind are shown.
(function () {
  "use strict";
  var form = document.querySelector("form[data-kinds]");
  if (!form) return;
  function show() {
    var chosen = form.querySelector('input[name="kind"]:checked');
    form.querySelectorAll("[data-only]").forEach(function (part) {
      part.hidden = !chosen || part.dataset.only.split(" ").indexOf(chosen.value) < 0;
    });
  }
  form.addEventListener("change", show);
  window.addEventListener("pageshow", show);
  show();
})();
