/* Register pages: what a filter field looks like when set, the density button, ticked rows for the
   export, print on opening, and the rows of an import preview. Works on fragments swapped in later. */
(function () {
  "use strict";

  const all = (selector, root) => Array.from((root || document).querySelectorAll(selector));
  const on = (name, selector, act) =>
    document.addEventListener(name, (event) => {
      const target = event.target instanceof Element ? event.target.closest(selector) : null;
      if (target) act(target, event);
    });

  // ── filter fields: blue with a cross as soon as they narrow the list ─────────────────
  function mark(field) {
    const set = all("input[name], select", field).some((control) => control.value !== "");
    field.toggleAttribute("data-set", set);
    const menu = field.parentElement.closest("details");
    const badge = menu && menu.querySelector("[data-reg-more]");
    if (badge) {
      const count = all("[data-reg-field][data-set]", menu).length;
      badge.textContent = String(count);
      badge.hidden = count === 0;
    }
    const span = field.querySelector("[data-reg-span]");
    if (!span) return;
    const from = field.querySelector("[data-reg-from]").value;
    const to = field.querySelector("[data-reg-to]").value;
    if (!from && !to) span.textContent = "全部";
    else if (!to) span.textContent = `${from} 起`;
    else if (!from) span.textContent = `至 ${to}`;
    else span.textContent = from === to ? from : `${from} 至 ${from.slice(0, 4) === to.slice(0, 4) ? to.slice(5) : to}`;
  }
  on("input", "[data-reg-field]", mark);
  on("click", "[data-reg-clear]", (button) => {
    const field = button.closest("[data-reg-field]");
    const controls = all("input, select", field);
    controls.forEach((control) => { control.value = ""; });
    mark(field);
    (field.querySelector("summary") || controls[0]).focus();
    controls[0].dispatchEvent(new Event("input", { bubbles: true }));
  });
  // A choice remembered by the browser from the last visit would not be what the list shows.
  window.addEventListener("pageshow", () => all("[data-reg-field]").forEach(mark));

  // ── density: one button between compact and normal ───────────────────────────────────
  function showDensity() {
    const compact = document.body.dataset.density === "compact";
    all("[data-reg-compact]").forEach((button) => button.setAttribute("aria-pressed", String(compact)));
  }
  on("click", "[data-reg-compact]", () => {
    const name = document.body.dataset.density === "compact" ? "normal" : "compact";
    const choice = document.querySelector(`[data-set-density="${name}"]`);
    if (choice) choice.click(); else document.body.dataset.density = name;
    showDensity();
  });

  // ── export of ticked rows: the link carries them ─────────────────────────────────────
  on("click", "[data-reg-export]", (link) => {
    const area = link.closest("[data-batch]");
    const ids = all("[data-tick]", area).filter((tick) => tick.checked).map((tick) => tick.value);
    const target = new URL(link.href);
    target.searchParams.set("ids", ids.join(","));
    link.href = target.href;
  });

  // ── import: the chosen file's name, too large before it is sent ──────────────────────
  on("change", "[data-reg-file]", (input) => {
    const file = input.files[0];
    const box = document.getElementById(input.dataset.regFile);
    if (!box) return;
    const limit = Number(input.dataset.max);
    const large = Boolean(file) && file.size > limit;
    box.textContent = large ? input.dataset.tooLarge : "";
    input.closest(".gj-input").toggleAttribute("data-bad", large);
  });
  on("submit", "[data-reg-upload]", (form, event) => {
    const input = form.querySelector("[data-reg-file]");
    if (input.files[0] && input.files[0].size > Number(input.dataset.max)) {
      event.preventDefault();
      event.stopImmediatePropagation();
      input.focus();
    }
  });
  on("change", "[data-reg-follow]", (box) => { location.assign(box.dataset.regFollow); });

  showDensity();
  if (document.body.hasAttribute("data-print")) window.addEventListener("load", () => window.print());
})();
