/* An approval on a page: phrases, the people of a dialog, the drawn signature. Works on data attributes,
   like guanjia.js. Chromium 88. */
(function () {
  "use strict";

  const all = (selector, root) => Array.from((root || document).querySelectorAll(selector));
  const one = (selector, root) => (root || document).querySelector(selector);
  const on = (name, selector, act) =>
    document.addEventListener(name, (event) => {
      const target = event.target instanceof Element ? event.target.closest(selector) : null;
      if (target) act(target, event);
    });

  // ── phrases: a click writes; a second phrase follows the first ───────────────────────
  on("click", "[data-phrase]", (button) => {
    const field = document.getElementById(button.dataset.phraseInto);
    if (!field) return;
    const typed = field.value.trim();
    if (!typed.includes(button.dataset.phrase)) {
      const joined = typed && !/[。！？；，、]$/.test(typed) ? `${typed}，` : typed;
      field.value = (joined + button.dataset.phrase).slice(0, field.maxLength > 0 ? field.maxLength : undefined);
    }
    field.focus();
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });

  // ── people: one list in the page, put into a dialog when it opens ────────────────────
  function tell(area) {
    const chosen = all("input:checked", one("[data-people-list]", area));
    const told = one("[data-people-told]", area);
    const names = chosen.map((box) => box.parentElement.dataset.who);
    told.textContent = names.length ? `已选 ${names.length} 人：${names.join("、")}` : "还没有选人";
  }
  function fill(area) {
    const list = one("[data-people-list]", area);
    const source = document.getElementById("case_people");
    if (area.dataset.filled || !source) return;
    area.dataset.filled = "1";
    list.append(source.content.cloneNode(true));
    const chosen = new Set((area.dataset.chosen || "").split(" ").filter(Boolean));
    all("label", list).forEach((label) => {
      const box = one("input", label);
      box.type = area.dataset.people;
      box.name = area.dataset.name;
      box.checked = chosen.has(box.value);
      label.dataset.who = label.textContent.trim().split(/\s+/)[0];
    });
    if (!list.children.length) {
      const none = document.createElement("p");
      none.className = "gj-people-none";
      none.textContent = "没有可选的同事：本单位有账号的人都已在这一步";
      list.append(none);
    }
    tell(area);
  }
  on("input", "[data-people-find]", (field) => {
    const words = field.value.trim();
    all("[data-people-list] label", field.closest("[data-people]")).forEach((label) => {
      // Who is chosen stays in sight, whatever is looked for.
      label.hidden = Boolean(words) && !label.textContent.includes(words) && !one("input", label).checked;
    });
  });
  on("change", "[data-people-list] input", (box) => tell(box.closest("[data-people]")));
  on("keydown", "[data-people-find]", (field, event) => {
    if (event.key !== "Enter") return;
    event.preventDefault(); // looking for somebody does not send the dialog
    const first = one("[data-people-list] label:not([hidden]) input", field.closest("[data-people]"));
    if (first && field.value.trim()) { first.checked = true; first.dispatchEvent(new Event("change", { bubbles: true })); }
  });

  // ── dialogs: what was typed as 意见 goes along; a refused one opens again ─────────────
  function prepare(dialog) {
    all("[data-people]", dialog).forEach(fill);
    const opinion = document.getElementById("opinion");
    all("[data-from-opinion]", dialog).forEach((field) => {
      if (!field.value && opinion) field.value = opinion.value;
    });
  }
  // Before guanjia.js opens it: the listener there is on the document too, this one comes earlier.
  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element && event.target.closest("[data-dialog]");
    const dialog = button && document.getElementById(button.dataset.dialog);
    if (dialog) prepare(dialog);
  }, true);
  const again = one("dialog[data-reopen]");
  if (again && again.showModal) { prepare(again); again.showModal(); }
  const refused = document.getElementById("refused");
  if (refused && !again) refused.scrollIntoView({ block: "center" });

  // ── the signature ────────────────────────────────────────────────────────────────────
  function pen(area) {
    const pad = one("[data-pen-pad]", area);
    const out = one("[data-pen-out]", area);
    const missing = one("[data-pen-missing]", area);
    // As tall as it is shown, so that nothing is stretched; turning the phone keeps what is drawn.
    const shown = pad.getBoundingClientRect();
    if (shown.width) pad.height = Math.round((pad.width * shown.height) / shown.width);
    const draw = pad.getContext("2d");
    let drawn = 0; // how far the pen went, in pixels of the pad
    let last = null;
    function clear() {
      draw.fillStyle = "#fff";
      draw.fillRect(0, 0, pad.width, pad.height);
      drawn = 0;
      last = null;
      out.value = "";
    }
    const place = (event) => {
      const box = pad.getBoundingClientRect();
      return { x: ((event.clientX - box.left) * pad.width) / box.width, y: ((event.clientY - box.top) * pad.height) / box.height };
    };
    pad.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      pad.setPointerCapture(event.pointerId);
      last = place(event);
    });
    pad.addEventListener("pointermove", (event) => {
      if (!last) return;
      const points = event.getCoalescedEvents ? event.getCoalescedEvents() : [event];
      (points.length ? points : [event]).forEach((each) => {
        const next = place(each);
        draw.strokeStyle = "#111";
        draw.lineWidth = 7;
        draw.lineCap = draw.lineJoin = "round";
        draw.beginPath();
        draw.moveTo(last.x, last.y);
        draw.lineTo(next.x, next.y);
        draw.stroke();
        drawn += Math.hypot(next.x - last.x, next.y - last.y);
        last = next;
      });
      missing.hidden = true;
    });
    ["pointerup", "pointercancel"].forEach((name) => pad.addEventListener(name, () => { last = null; }));
    one("[data-pen-clear]", area).addEventListener("click", clear);
    clear();
    area.closest("form").addEventListener("submit", (event) => {
      if (drawn >= 60) { out.value = pad.toDataURL("image/png"); return; }
      event.preventDefault(); // a dot is no signature
      event.stopImmediatePropagation();
      missing.hidden = false;
      area.scrollIntoView({ block: "center" });
    });
  }
  all("[data-pen]").forEach(pen);
})();
