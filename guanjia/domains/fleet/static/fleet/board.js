/* The day board: dragging a request onto a row, keys, and when not to refresh. Everything it does
   is a link or a form of the page; without it both still work by clicking. */
(function () {
  "use strict";

  const board = () => document.getElementById("board");
  const all = (selector) => Array.from(board() ? board().querySelectorAll(selector) : []);
  let dragged = null;
  let active = Date.now();
  ["pointerdown", "keydown", "pointermove"].forEach((name) => document.addEventListener(name, () => { active = Date.now(); }, { passive: true }));

  // The board asks for news every half minute, but never under somebody's hands, and not for ever:
  // a screen nobody uses must still be signed out after its time.
  document.addEventListener("htmx:beforeRequest", (event) => {
    const poll = event.target === board() && event.detail.requestConfig && event.detail.requestConfig.verb === "get" && !(event.detail.requestConfig.triggeringEvent instanceof Event && event.detail.requestConfig.triggeringEvent.type === "click");
    if (!poll) return;
    const focus = document.activeElement;
    const typing = focus && board().contains(focus) && focus.matches("input, select, textarea");
    const idle = Number(document.body.dataset.idle || 0) * 60000;
    if (dragged || typing || document.querySelector("dialog[open]") || document.hidden || (idle && Date.now() - active > idle)) event.preventDefault();
  });
  // A refresh keeps the place: focus by id, and the scroll of the queue.
  let focusId = "";
  let queueTop = 0;
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.target !== board()) return;
    const focus = document.activeElement;
    const lane = focus && focus.closest ? focus.closest("[data-lane]") : null;
    focusId = focus && focus.id && board().contains(focus) ? focus.id : lane ? lane.id : "";
    const side = board().querySelector(".gj-board-side");
    queueTop = side ? side.scrollTop : 0;
  });
  document.addEventListener("htmx:afterSettle", () => {
    const side = board() && board().querySelector(".gj-board-side");
    if (side && queueTop) side.scrollTop = queueTop;
    const kept = focusId && document.getElementById(focusId);
    if (kept && document.activeElement === document.body) {
      const inside = kept.matches("a, button, input, select") ? kept : kept.querySelector("button, a");
      if (inside) inside.focus({ preventScroll: true });
    }
    focusId = "";
  });

  // Dragging a request onto a row: the server decides, as when it is clicked.
  document.addEventListener("dragstart", (event) => {
    const item = event.target.closest && event.target.closest("[data-drag]");
    if (!item) return;
    dragged = item;
    item.setAttribute("data-dragging", "");
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", item.textContent.trim());
  });
  const over = (row) => all("[data-over]").concat(row ? [row] : []).forEach((lane) => { if (lane === row) lane.setAttribute("data-over", ""); else lane.removeAttribute("data-over"); });
  const rowOf = (event) => (dragged && event.target instanceof Element ? event.target.closest("[data-lane][id^='car-']") : null);
  document.addEventListener("dragover", (event) => {
    const row = rowOf(event);
    over(row);
    if (row) { event.preventDefault(); event.dataTransfer.dropEffect = "move"; }
  });
  document.addEventListener("drop", (event) => {
    const row = rowOf(event);
    if (!row) return;
    event.preventDefault();
    const url = dragged.dataset.drag;
    const given = document.querySelector("#give [name=look]");
    over(null);
    window.htmx.ajax("POST", url, {
      source: board().querySelector(".gj-board"), target: "#board", swap: "outerHTML",
      values: { car: row.dataset.lane, look: given ? given.value : location.search.slice(1) },
    });
  });
  document.addEventListener("dragend", () => {
    if (dragged) dragged.removeAttribute("data-dragging");
    dragged = null;
    over(null);
  });

  // Buttons on the rows belong to the form of the panel: HTMX must learn which one was pressed.
  document.addEventListener("submit", (event) => {
    if (!(event.target instanceof HTMLFormElement) || event.target.id !== "give" || !event.submitter) return;
    let field = event.target.querySelector("input[type=hidden][name=car]");
    if (!field) {
      field = document.createElement("input");
      field.type = "hidden";
      field.name = "car";
      event.target.append(field);
    }
    field.value = event.submitter.value;
  }, true);

  // Keys: up and down through the rows, Enter sends the first car, Esc lets go.
  const handle = (lane) => lane.querySelector(".gj-fit, .gj-try") || lane.querySelector("a, button");
  document.addEventListener("keydown", (event) => {
    if (!board() || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    const on = event.target;
    if (on.matches && on.matches("input, select, textarea")) return;
    if (event.key === "Escape") {
      const close = board().querySelector("[data-close]");
      const calm = board().querySelector(".gj-queue > [aria-current]");
      if (close) { event.stopImmediatePropagation(); close.click(); }
      else if (calm && window.htmx) window.htmx.ajax("GET", board().dataset.calm, { source: board().querySelector(".gj-board-side"), target: "#board", swap: "outerHTML" });
      return;
    }
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const lanes = all("[data-lane]");
      if (!lanes.length) return;
      const here = lanes.indexOf(on.closest ? on.closest("[data-lane]") : null);
      const step = event.key === "ArrowDown" ? 1 : -1;
      const to = lanes[here < 0 ? (step > 0 ? 0 : lanes.length - 1) : Math.max(0, Math.min(lanes.length - 1, here + step))];
      event.preventDefault();
      handle(to).focus();
      return;
    }
    if (event.key === "Enter" && !on.matches("a, button, summary")) {
      const first = board().querySelector("[data-first]");
      if (first) { event.preventDefault(); first.click(); }
    }
  }, true);
})();
