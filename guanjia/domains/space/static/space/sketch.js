/* Drawing the plan of a floor on the page: rectangles and polygons in millimetres, y down.

   Nobody needs a steady hand: corners catch at other corners, edges and the grid, and everything
   can be typed. What is drawn goes to the server as JSON with the form; the server judges it. */
(function () {
  "use strict";

  const form = document.querySelector("[data-sk]");
  if (!form) return;
  const told = JSON.parse(document.getElementById("drawing").textContent);
  const one = (name) => form.querySelector("[data-sk-" + name + "]");
  const stage = one("stage");
  const CATCH_PX = 12;
  const NS = "http://www.w3.org/2000/svg";
  const rooms = new Map(told.rooms.map((room) => [room.id, room]));

  let shapes = told.shapes.map((shape) => ({ role: shape.role, label: shape.label || "", room: shape.room, corners: shape.corners.map((corner) => corner.slice()) }));
  let chosen = -1;
  let tool = "pick";
  let draft = [];
  let held = null; // what the pointer does now
  let view = { x: 0, y: 0, w: 40000, h: 20000 };
  let dirty = false;
  let shown = -1; // what the form beside the drawing tells of
  const past = [];
  const future = [];

  // ── numbers ────────────────────────────────────────────────────────────────────────────
  const step = () => Number(one("snap").value) || 0;
  const areaOf = (corners) => Math.abs(corners.reduce((sum, [x, y], i) => { const [a, b] = corners[(i + 1) % corners.length]; return sum + x * b - a * y; }, 0)) / 2e6;
  const boxOf = (corners) => { const xs = corners.map((c) => c[0]); const ys = corners.map((c) => c[1]); return { x: Math.min(...xs), y: Math.min(...ys), r: Math.max(...xs), b: Math.max(...ys) }; };
  const rectangle = (a, b) => { const l = Math.min(a[0], b[0]); const t = Math.min(a[1], b[1]); const r = Math.max(a[0], b[0]); const u = Math.max(a[1], b[1]); return [[l, t], [r, t], [r, u], [l, u]]; };
  const metres = (mm) => String(Math.round(mm) / 1000);
  const mmPerPx = () => Math.max(view.w / stage.clientWidth, view.h / stage.clientHeight);
  function typed(name) {
    const text = one(name).value.trim().replace("，", ".").replace(",", ".");
    return text === "" || Number.isNaN(Number(text)) ? null : Math.round(Number(text) * 1000);
  }
  function spot(event) {
    const rect = stage.getBoundingClientRect();
    const scale = mmPerPx();
    return [
      view.x + view.w / 2 + (event.clientX - rect.left - rect.width / 2) * scale,
      view.y + view.h / 2 + (event.clientY - rect.top - rect.height / 2) * scale,
    ];
  }

  // ── catching ───────────────────────────────────────────────────────────────────────────
  const others = (but) => shapes.filter((_, i) => i !== but).flatMap((shape) => shape.corners);
  const nearest = (value, marks, reach) => marks.reduce((best, mark) => (Math.abs(mark - value) < Math.abs((best === null ? value + reach : best) - value) ? mark : best), null);
  const onGrid = (value) => (step() ? Math.round(value / step()) * step() : Math.round(value));
  // A corner catches at a corner, else on the line of one, else on the grid.
  function caught(place, but, also) {
    const marks = others(but).concat(also || []);
    const reach = CATCH_PX * mmPerPx();
    const corner = marks.reduce((best, mark) => {
      const far = Math.hypot(mark[0] - place[0], mark[1] - place[1]);
      return far < reach && (!best || far < best.far) ? { mark, far } : best;
    }, null);
    if (corner) return corner.mark.slice();
    return [0, 1].map((axis) => {
      const line = nearest(place[axis], marks.map((mark) => mark[axis]), reach);
      return Math.round(line === null ? onGrid(place[axis]) : line);
    });
  }
  // A moved shape catches with any of its four edges.
  function shifted(corners, dx, dy, but) {
    const box = boxOf(corners);
    const marks = others(but);
    const reach = CATCH_PX * mmPerPx();
    const fit = (low, high, axis, by) => {
      const pulls = [low + by, high + by].map((edge) => { const line = nearest(edge, marks.map((m) => m[axis]), reach); return line === null ? null : line - edge; }).filter((pull) => pull !== null);
      if (pulls.length) return Math.round(by + pulls.reduce((a, b) => (Math.abs(b) < Math.abs(a) ? b : a)));
      return onGrid(low + by) - low;
    };
    const x = fit(box.x, box.r, 0, dx);
    const y = fit(box.y, box.b, 1, dy);
    return corners.map((corner) => [corner[0] + x, corner[1] + y]);
  }

  // ── history ────────────────────────────────────────────────────────────────────────────
  const kept = () => JSON.stringify({ shapes, chosen });
  function remember() {
    past.push(kept());
    if (past.length > 100) past.shift();
    future.length = 0;
    dirty = true;
  }
  function travel(from, to) {
    if (!from.length) return;
    to.push(kept());
    ({ shapes, chosen } = JSON.parse(from.pop()));
    draft = [];
    dirty = true;
    show();
  }

  // ── what is drawn ──────────────────────────────────────────────────────────────────────
  const nameOf = (shape) => (shape.role === "ROOM" ? (rooms.get(shape.room) || { number: shape.label || "未选房间" }).number : shape.label || told.roles[shape.role]);
  const drawnRooms = () => new Set(shapes.map((shape) => shape.room).filter((id) => id !== null && id !== undefined));
  const nextRoom = () => { const drawn = drawnRooms(); const free = told.rooms.find((room) => !drawn.has(room.id)); return free ? free.id : null; };

  function add(corners, role, room, label) {
    remember();
    shapes.push({ role, label: role === "ROOM" ? "" : label, room: role === "ROOM" ? room : null, corners });
    chosen = shapes.length - 1;
    show();
  }
  function drop() {
    if (chosen < 0) return;
    remember();
    const gone = nameOf(shapes[chosen]);
    shapes.splice(chosen, 1);
    chosen = -1;
    say("去掉了 " + gone + "，可以撤回");
    show();
  }
  function drawn(corners) {
    const role = "ROOM";
    add(corners, role, nextRoom(), "");
    say(nameOf(shapes[chosen]) + "，" + areaOf(corners).toFixed(1) + " ㎡。房间号和用途在右边改");
  }

  // ── showing ────────────────────────────────────────────────────────────────────────────
  const say = (words) => { one("said").textContent = words; };
  function node(name, given, parent, words) {
    const made = document.createElementNS(NS, name);
    Object.keys(given).forEach((key) => made.setAttribute(key, given[key]));
    if (words !== undefined) made.textContent = words;
    parent.appendChild(made);
    return made;
  }
  const points = (corners) => corners.map((corner) => corner.join(",")).join(" ");

  function grid(svg) {
    const metre = view.w > 60000 ? 5000 : 1000;
    const scale = mmPerPx();
    const w = stage.clientWidth * scale;
    const h = stage.clientHeight * scale;
    const left = view.x + view.w / 2 - w / 2;
    const top = view.y + view.h / 2 - h / 2;
    for (let x = Math.ceil(left / metre) * metre; x < left + w; x += metre) node("line", { x1: x, x2: x, y1: top, y2: top + h, class: x % (5 * metre) ? "sk-grid" : "sk-grid sk-grid-5" }, svg);
    for (let y = Math.ceil(top / metre) * metre; y < top + h; y += metre) node("line", { x1: left, x2: left + w, y1: y, y2: y, class: y % (5 * metre) ? "sk-grid" : "sk-grid sk-grid-5" }, svg);
  }
  function words(svg, shape) {
    const box = boxOf(shape.corners);
    const size = 12 * mmPerPx();
    const name = nameOf(shape);
    if ((box.r - box.x) < name.length * size * 0.6 || (box.b - box.y) < size) return;
    const x = (box.x + box.r) / 2;
    const y = (box.y + box.b) / 2;
    const two = (box.b - box.y) > 3 * size;
    node("text", { x, y: two ? y : y + size / 3, "font-size": size }, svg, name);
    if (two) node("text", { x, y: y + 1.4 * size, "font-size": size * 0.92, class: "sk-small" }, svg, areaOf(shape.corners).toFixed(1));
  }
  function picture() {
    const svg = document.createElementNS(NS, "svg");
    svg.setAttribute("viewBox", [view.x, view.y, view.w, view.h].join(" "));
    grid(svg);
    shapes.forEach((shape, i) => {
      const given = { points: points(shape.corners), "data-i": i };
      if (shape.role !== "ROOM") given["data-plain"] = "";
      else if (!rooms.has(shape.room)) given["data-nameless"] = "";
      if (i === chosen) given["data-chosen"] = "";
      node("polygon", given, svg);
      words(svg, shape);
    });
    if (chosen >= 0 && tool === "pick") shapes[chosen].corners.forEach((corner, i) => node("circle", { cx: corner[0], cy: corner[1], r: 6 * mmPerPx(), "data-corner": i }, svg));
    if (draft.length) {
      node(draft.closed ? "polygon" : "polyline", { points: points(draft), class: "sk-draft" }, svg);
      if (tool === "poly") node("circle", { cx: draft[0][0], cy: draft[0][1], r: 7 * mmPerPx() }, svg);
    }
    stage.replaceChildren(svg);
  }
  function options(select, pairs, value) {
    select.replaceChildren(...pairs.map(([key, title]) => { const option = document.createElement("option"); option.value = key; option.textContent = title; option.selected = String(key) === String(value); return option; }));
  }
  function panel() {
    const shape = shapes[chosen];
    const role = shape ? shape.role : one("role").value || "ROOM";
    const drawn = drawnRooms();
    options(one("role"), Object.entries(told.roles), role);
    const free = told.rooms.filter((room) => !drawn.has(room.id) || (shape && shape.room === room.id));
    options(one("room"), [["", "未选"]].concat(free.map((room) => [room.id, room.number + "（台账 " + room.m2.toFixed(1) + " ㎡）"])), shape ? shape.room || "" : nextRoom() || "");
    one("room-line").hidden = role !== "ROOM";
    one("label-line").hidden = role === "ROOM";
    one("title").textContent = shape ? "所选：" + nameOf(shape) : "键入一个矩形";
    one("add").hidden = Boolean(shape);
    one("apply").hidden = one("delete").hidden = !shape;
    if (shape) {
      const box = boxOf(shape.corners);
      one("label").value = shape.label;
      one("x").value = metres(box.x);
      one("y").value = metres(box.y);
      one("w").value = metres(box.r - box.x);
      one("h").value = metres(box.b - box.y);
      const room = rooms.get(shape.room);
      one("area").textContent = "图上 " + areaOf(shape.corners).toFixed(1) + " ㎡" + (room ? "，台账 " + room.m2.toFixed(1) + " ㎡" : "");
    } else if (shown >= 0) ["x", "y", "label"].forEach((name) => { one(name).value = ""; });
    shown = chosen;
    if (!shape) one("area").textContent = "左边距、上边距不填，接在最右边的图形后面";
  }
  function list() {
    const rows = shapes.map((shape, i) => [shape, i]).sort((a, b) => (a[0].role !== "ROOM") - (b[0].role !== "ROOM") || nameOf(a[0]).localeCompare(nameOf(b[0]), "zh"));
    one("list").replaceChildren(...rows.map(([shape, i]) => {
      const line = document.createElement("li");
      const button = document.createElement("button");
      const room = rooms.get(shape.room);
      button.type = "button";
      if (i === chosen) button.setAttribute("aria-current", "true");
      [["b", nameOf(shape)], ["span", told.roles[shape.role]], ["span", areaOf(shape.corners).toFixed(1) + (room ? " / " + room.m2.toFixed(1) : "") + " ㎡"]].forEach(([tag, text]) => { const part = document.createElement(tag); part.textContent = text; button.appendChild(part); });
      button.addEventListener("click", () => { chosen = i; pick("pick"); show(); });
      line.appendChild(button);
      return line;
    }));
    one("count").textContent = shapes.length;
    const drawn = drawnRooms();
    const missing = told.rooms.filter((room) => !drawn.has(room.id)).map((room) => room.number);
    one("missing").textContent = missing.length ? "还没画 " + missing.length + " 间：" + missing.join("、") : told.rooms.length ? "台账里的房间都画了" : "";
  }
  function show() {
    picture();
    panel();
    list();
    one("undo").disabled = !past.length;
    one("redo").disabled = !future.length;
  }
  function fit() {
    const corners = shapes.flatMap((shape) => shape.corners);
    if (!corners.length) { view = { x: -1000, y: -1000, w: 40000, h: 20000 }; return; }
    const box = boxOf(corners);
    const edge = Math.max(1000, (box.r - box.x) * 0.04);
    view = { x: box.x - edge, y: box.y - edge, w: box.r - box.x + 2 * edge, h: box.b - box.y + 2 * edge };
  }
  function zoom(by, around) {
    const at = around || [view.x + view.w / 2, view.y + view.h / 2];
    if (view.w / by < 2000 || view.w / by > 2e6) return;
    view = { x: at[0] - (at[0] - view.x) / by, y: at[1] - (at[1] - view.y) / by, w: view.w / by, h: view.h / by };
    picture();
  }
  function pick(name) {
    tool = name;
    draft = [];
    stage.dataset.tool = name;
    form.querySelectorAll("[data-sk-tool]").forEach((button) => button.setAttribute("aria-pressed", String(button.dataset.skTool === name)));
  }

  // ── pointer ────────────────────────────────────────────────────────────────────────────
  function finish() {
    const corners = draft.filter((corner, i) => !i || corner[0] !== draft[i - 1][0] || corner[1] !== draft[i - 1][1]);
    draft = [];
    if (corners.length >= 3 && areaOf(corners) > 0.1) drawn(corners);
    else { say("多边形至少三个角"); show(); }
  }
  stage.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    stage.focus({ preventScroll: true });
    const at = spot(event);
    if (tool === "rect") {
      const begin = caught(at, -1);
      held = { what: "rect", begin };
    } else if (tool === "poly") {
      const reach = 16 * mmPerPx();
      if (draft.length > 2 && Math.hypot(at[0] - draft[0][0], at[1] - draft[0][1]) < reach) { finish(); return; }
      draft.push(caught(at, -1, draft));
      say("已有 " + draft.length + " 个角。点回第一个角或按回车收口，Esc 取消");
      picture();
      return;
    } else if (event.target.dataset.corner !== undefined) {
      held = { what: "corner", i: Number(event.target.dataset.corner), before: kept() };
    } else if (event.target.dataset.i !== undefined) {
      chosen = Number(event.target.dataset.i);
      held = { what: "move", begin: at, corners: shapes[chosen].corners, before: kept() };
      show();
    } else {
      chosen = -1;
      held = { what: "pan", x: event.clientX, y: event.clientY, view };
      show();
    }
    stage.setPointerCapture(event.pointerId);
    event.preventDefault();
  });
  stage.addEventListener("pointermove", (event) => {
    if (!held) return;
    const at = spot(event);
    if (held.what === "rect") {
      draft = rectangle(held.begin, caught(at, -1));
      draft.closed = true;
      say("宽 " + metres(draft[1][0] - draft[0][0]) + " 米，深 " + metres(draft[2][1] - draft[1][1]) + " 米，" + areaOf(draft).toFixed(1) + " ㎡");
    } else if (held.what === "corner") {
      shapes[chosen].corners[held.i] = caught(at, chosen, shapes[chosen].corners.filter((_, i) => i !== held.i));
      held.moved = true;
    } else if (held.what === "move") {
      if (!held.moved && Math.hypot(at[0] - held.begin[0], at[1] - held.begin[1]) < 4 * mmPerPx()) return;
      shapes[chosen].corners = shifted(held.corners, at[0] - held.begin[0], at[1] - held.begin[1], chosen);
      held.moved = true;
    } else {
      const scale = mmPerPx();
      view = Object.assign({}, held.view, { x: held.view.x - (event.clientX - held.x) * scale, y: held.view.y - (event.clientY - held.y) * scale });
    }
    picture();
  });
  function release() {
    const done = held;
    held = null;
    if (!done) return;
    if (done.what === "rect") {
      const corners = draft.slice();
      draft = [];
      if (corners.length && areaOf(corners) > 0.1) drawn(corners);
      else { say("按住拖出一个矩形，或在右边键入长宽"); show(); }
    } else if (done.moved) {
      past.push(done.before);
      future.length = 0;
      dirty = true;
      show();
    }
  }
  stage.addEventListener("pointerup", release);
  stage.addEventListener("pointercancel", () => { held = null; draft = []; show(); });
  stage.addEventListener("wheel", (event) => {
    if (!event.ctrlKey) return;
    event.preventDefault();
    zoom(event.deltaY < 0 ? 1.25 : 0.8, spot(event));
  }, { passive: false });

  // ── keys ───────────────────────────────────────────────────────────────────────────────
  const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  stage.addEventListener("keydown", (event) => {
    const command = event.ctrlKey || event.metaKey;
    if (command && event.key.toLowerCase() === "z") { event.preventDefault(); if (event.shiftKey) travel(future, past); else travel(past, future); return; }
    if (command && event.key.toLowerCase() === "y") { event.preventDefault(); travel(future, past); return; }
    if (event.key === "Escape") { draft = []; chosen = -1; show(); return; }
    if (event.key === "Enter" && draft.length) { event.preventDefault(); finish(); return; }
    if (chosen < 0) return;
    if (event.key === "Delete" || event.key === "Backspace") { event.preventDefault(); drop(); return; }
    if (!ARROWS[event.key]) return;
    event.preventDefault();
    const by = step() || 100;
    remember();
    shapes[chosen].corners = shapes[chosen].corners.map((corner) => corner.map((value, axis) => value + ARROWS[event.key][axis] * by));
    show();
  });

  // ── the form beside it ─────────────────────────────────────────────────────────────────
  one("role").addEventListener("change", () => {
    const shape = shapes[chosen];
    if (shape) {
      remember();
      shape.role = one("role").value;
      if (shape.role === "ROOM") shape.label = ""; else { shape.room = null; shape.label = shape.label || ""; }
      show();
    } else panel();
  });
  one("room").addEventListener("change", () => {
    if (chosen < 0) return;
    const value = one("room").value;
    remember();
    shapes[chosen].room = value ? Number(value) : null;
    show();
  });
  one("label").addEventListener("change", () => {
    if (chosen < 0) return;
    remember();
    shapes[chosen].label = one("label").value.trim();
    show();
  });
  function sized() {
    const w = typed("w");
    const h = typed("h");
    if (w > 0 && h > 0) return [w, h];
    say("宽和深写成米数，例如 3.6");
    one(w > 0 ? "h" : "w").focus();
    return null;
  }
  one("add").addEventListener("click", () => {
    const size = sized();
    if (!size) return;
    const corners = shapes.flatMap((shape) => shape.corners);
    const box = corners.length ? boxOf(corners) : { r: 0, y: 0 };
    const x = typed("x");
    const y = typed("y");
    const left = x === null ? box.r : x;
    const top = y === null ? box.y : y;
    const value = one("room").value;
    add(rectangle([left, top], [left + size[0], top + size[1]]), one("role").value, value ? Number(value) : null, one("label").value.trim());
    chosen = -1;
    ["x", "y"].forEach((name) => { one(name).value = ""; });
    fit();
    show();
    say("放好了。接着键入下一间");
    one("w").focus();
  });
  one("apply").addEventListener("click", () => {
    const size = sized();
    if (!size || chosen < 0) return;
    const shape = shapes[chosen];
    const box = boxOf(shape.corners);
    const x = typed("x");
    const y = typed("y");
    remember();
    shape.corners = shape.corners.map((corner) => [
      Math.round((x === null ? box.x : x) + (corner[0] - box.x) * size[0] / (box.r - box.x)),
      Math.round((y === null ? box.y : y) + (corner[1] - box.y) * size[1] / (box.b - box.y)),
    ]);
    say("改为宽 " + metres(size[0]) + " 米，深 " + metres(size[1]) + " 米");
    show();
  });
  one("delete").addEventListener("click", drop);
  one("undo").addEventListener("click", () => travel(past, future));
  one("redo").addEventListener("click", () => travel(future, past));
  one("fit").addEventListener("click", () => { fit(); picture(); });
  form.querySelectorAll("[data-sk-zoom]").forEach((button) => button.addEventListener("click", () => zoom(Number(button.dataset.skZoom))));
  form.querySelectorAll("[data-sk-tool]").forEach((button) => button.addEventListener("click", () => {
    pick(button.dataset.skTool);
    if (tool !== "pick") chosen = -1;
    say({ pick: "点一个图形，拖动它或它的角；拖空白处移动画面", rect: "按住拖出一间房，边会吸到旁边的房间", poly: "逐个点出各个角，点回第一个角收口" }[tool]);
    show();
  }));
  // Enter in a field of sizes places the shape; it must not save the plan.
  one("form").addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.target.matches("button")) return;
    event.preventDefault();
    one(chosen < 0 ? "add" : "apply").click();
  });
  form.addEventListener("submit", () => {
    const corners = shapes.flatMap((shape) => shape.corners);
    const box = corners.length ? boxOf(corners) : { x: 0, y: 0 };
    one("shapes").value = JSON.stringify(shapes.map((shape) => Object.assign({}, shape, { room: shape.room || null, corners: shape.corners.map((c) => [Math.round(c[0] - box.x), Math.round(c[1] - box.y)]) })));
    dirty = false;
  });
  window.addEventListener("beforeunload", (event) => { if (dirty) { event.preventDefault(); event.returnValue = ""; } });
  window.addEventListener("resize", picture);

  pick("pick");
  fit();
  show();
}());
