/* The request form: the live check, the rider's list, the weekday beside a date. Without this file
   the form still works: the server says the same when it is sent. */
(function () {
  "use strict";
  const form = document.getElementById("ask");
  if (!form) return;
  const one = (selector, root) => (root || document).querySelector(selector);
  const all = (selector, root) => Array.from((root || document).querySelectorAll(selector));
  const WEEK = ["周日", "周一", "周二", "周三", "周四", "周五", "周六"];

  // ── the live check: whatever changes, the rules are asked again ──────────────────────
  const checker = document.getElementById("check");
  const ask = () => { if (checker) form.dispatchEvent(new CustomEvent("gj:check")); };
  ["input", "change"].forEach((name) => form.addEventListener(name, (event) => {
    if (event.target.name !== "rider_name") ask();
  }));
  const drop = one("[data-drop-draft]", form);
  // A draft is put back before this file runs; the time it was kept at tells.
  const saved = one("[data-saved]", form);
  if (drop && saved && saved.textContent) drop.hidden = false;
  if (drop) drop.addEventListener("click", () => setTimeout(() => { drop.hidden = true; weekdays(); ask(); }, 0));
  // What is being mended is no longer marked; the server looks again when the form is sent.
  form.addEventListener("input", (event) => {
    const box = event.target.closest(".gj-control");
    if (!box || !event.target.value) return;
    const bad = event.target.closest("[data-bad]");
    if (bad) bad.removeAttribute("data-bad");
    if (!one("[data-bad]", box)) all(".gj-error", box).forEach((line) => line.remove());
  });

  function restDay() {
    const told = one("[data-rest-day]");
    const box = one('[data-field="rest_day_reason"]');
    if (!told || !box) return;
    const field = one("input", box);
    const wanted = told.dataset.restDay === "1" || field.value !== "";
    box.hidden = !wanted;
    box.previousElementSibling.hidden = !wanted;
    field.required = wanted;
  }
  // A field is marked while the rules refuse it, and no longer.
  function marks() {
    const refused = new Set(all("#check_faults a").map((link) => link.getAttribute("href").slice(1)));
    ["id_wished_car", "id_planned_from", "id_planned_to"].forEach((id) => {
      const field = document.getElementById(id);
      const box = field && field.closest(".gj-input");
      if (!box) return;
      if (refused.has(id)) box.setAttribute("data-bad", ""); else if (field.value) box.removeAttribute("data-bad");
    });
  }
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.target !== checker || !event.detail.successful) return;
    restDay();
    marks();
  });

  // ── weekdays beside the dates; the return follows the day of the departure ───────────
  function weekdays() {
    all("[data-week-of]").forEach((box) => {
      const field = document.getElementById(box.dataset.weekOf);
      const found = field && /^(\d{4})-(\d{2})-(\d{2})/.exec(field.value);
      box.textContent = found ? WEEK[new Date(+found[1], +found[2] - 1, +found[3]).getDay()] : "";
    });
  }
  const begin = document.getElementById("id_planned_from");
  const end = document.getElementById("id_planned_to");
  if (begin && end) {
    begin.addEventListener("change", () => {
      if (/^\d{4}-\d{2}-\d{2}/.test(begin.value) && (!end.value || end.value.slice(0, 10) < begin.value.slice(0, 10))) {
        const time = begin.value.slice(11) < "17:30" ? "17:30" : "23:00";
        end.value = `${begin.value.slice(0, 10)}${end.type === "text" ? " " : "T"}${time}`;
        ask();
      }
      weekdays();
    });
    end.addEventListener("change", weekdays);
    // What was proposed just now gives way to what is typed.
    end.addEventListener("focus", () => { if (end.type === "text") end.select(); });
  }

  // ── the rider: search, choose, or just write a name ──────────────────────────────────
  const name = document.getElementById("id_rider_name");
  const list = document.getElementById("riders");
  const id = one("[name=rider_id]", form);
  const of = document.getElementById("rider_of");
  function close() {
    if (!list) return;
    list.hidden = true;
    name.setAttribute("aria-expanded", "false");
    name.removeAttribute("aria-activedescendant");
  }
  if (name && list && id) {
    name.addEventListener("input", () => { id.value = ""; of.textContent = ""; });
    document.addEventListener("htmx:afterSwap", (event) => {
      if (event.target !== list) return;
      list.hidden = !list.children.length || document.activeElement !== name;
      name.setAttribute("aria-expanded", String(!list.hidden));
    });
    list.addEventListener("mousedown", (event) => event.preventDefault()); // the field keeps the focus
    list.addEventListener("click", (event) => {
      const chosen = event.target.closest("[data-rider]");
      if (!chosen) return;
      name.value = chosen.dataset.name;
      id.value = chosen.dataset.rider;
      of.textContent = chosen.dataset.of;
      close();
      form.dispatchEvent(new Event("input", { bubbles: true }));
    });
    name.addEventListener("blur", () => setTimeout(() => { if (!list.contains(document.activeElement)) close(); }, 0));
    name.addEventListener("keydown", (event) => {
      const options = all("[data-rider]", list);
      if (event.key === "Escape" && !list.hidden) { event.stopPropagation(); close(); return; }
      if (list.hidden || !options.length) return;
      const here = options.findIndex((option) => option.getAttribute("aria-selected") === "true");
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        const next = (here + (event.key === "ArrowDown" ? 1 : options.length - 1) + (here < 0 && event.key === "ArrowUp" ? 1 : 0)) % options.length;
        options.forEach((option, place) => option.setAttribute("aria-selected", String(place === next)));
        options[next].scrollIntoView({ block: "nearest" });
        name.setAttribute("aria-activedescendant", options[next].id);
      }
      if (event.key === "Enter" && here >= 0) { event.preventDefault(); options[here].click(); }
    });
  }

  // ── ways out of a refused wish, without sending the form ─────────────────────────────
  form.addEventListener("click", (event) => {
    const way = event.target.closest("button[data-act=wish]");
    if (!way) return;
    event.preventDefault();
    const field = document.getElementById("id_wished_car");
    field.value = way.dataset.value;
    field.focus();
    form.dispatchEvent(new Event("input", { bubbles: true }));
    ask();
  });

  weekdays();
  restDay();
  if (begin && begin.value) ask();
})();
