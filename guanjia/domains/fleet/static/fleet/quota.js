/* The form of a purchase shows only what its kind and class ask for; without script all is shown. */
(function () {
  "use strict";
  var form = document.getElementById("ask");
  if (!form) return;
  var RENEWAL = ["old_car", "early_reason", "old_car_sound"];

  function show(name, wanted) {
    var control = form.querySelector('[data-field="' + name + '"]');
    if (!control) return;
    control.hidden = !wanted;
    if (control.previousElementSibling) control.previousElementSibling.hidden = !wanted;
  }

  function follow() {
    var kind = form.querySelector("input[name=kind]:checked");
    RENEWAL.forEach(function (name) { show(name, !kind || kind.value === "RENEWAL"); });
    show("needed_for_law_enforcement", form.elements.use && form.elements.use.value === "LAW_ENFORCEMENT");
  }

  form.addEventListener("change", follow);
  follow();
})();
