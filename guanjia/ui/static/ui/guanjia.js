/* guanjia 管家: the behaviour of the page furniture. No framework, nothing inline, Chromium 88.
   Everything hangs on data attributes and listens on the document, so that fragments swapped in by
   HTMX work without set-up. Pages stay usable without it, except the offline queue. */
(function () {
  "use strict";

  // ── small tools ──────────────────────────────────────────────────────────────────────
  const all = (selector, root) => Array.from((root || document).querySelectorAll(selector));
  const one = (selector, root) => (root || document).querySelector(selector);
  const on = (name, selector, act) =>
    document.addEventListener(name, (event) => {
      const target = event.target instanceof Element ? event.target.closest(selector) : null;
      if (target) act(target, event);
    });
  const clock = (at) => `${at.getHours()}:${String(at.getMinutes()).padStart(2, "0")}`;
  const thousands = (number) => String(number).replace(/\B(?=(\d{3})+(?!\d))/g, ",");
  const store = {
    // Private windows and full disks throw; then nothing is remembered, and nothing breaks.
    read(key) {
      try { return JSON.parse(localStorage.getItem(`gj:${key}`)); } catch (_) { return null; }
    },
    write(key, value) {
      try { localStorage.setItem(`gj:${key}`, JSON.stringify(value)); return true; } catch (_) { return false; }
    },
    drop(key) {
      try { localStorage.removeItem(`gj:${key}`); } catch (_) { /* nothing was kept */ }
    },
    keys(prefix) {
      try { return Object.keys(localStorage).filter((key) => key.startsWith(`gj:${prefix}`)).map((key) => key.slice(3)); } catch (_) { return []; }
    },
  };

  // Three icons a script has to draw itself: Tabler circle-check, alert-triangle, ban (ui/icons.json).
  const DRAWN = {
    done: ["M3 12a9 9 0 1 0 18 0a9 9 0 1 0 -18 0", "M9 12l2 2l4 -4"],
    wait: ["M12 9v4", "M10.363 3.591l-8.106 13.534a1.914 1.914 0 0 0 1.636 2.871h16.214a1.914 1.914 0 0 0 1.636 -2.87l-8.106 -13.536a1.914 1.914 0 0 0 -3.274 0", "M12 16h.01"],
    stop: ["M3 12a9 9 0 1 0 18 0a9 9 0 1 0 -18 0", "M5.7 5.7l12.6 12.6"],
  };
  function icon(tone) {
    const SVG = "http://www.w3.org/2000/svg";
    const svg = document.createElementNS(SVG, "svg");
    const looks = { class: "gj-icon", viewBox: "0 0 24 24", fill: "none", stroke: "currentColor", "stroke-linecap": "round", "stroke-linejoin": "round", "aria-hidden": "true" };
    Object.keys(looks).forEach((name) => svg.setAttribute(name, looks[name]));
    (DRAWN[tone] || DRAWN.wait).forEach((d) => { const path = document.createElementNS(SVG, "path"); path.setAttribute("d", d); svg.append(path); });
    return svg;
  }

  // ── the result line ──────────────────────────────────────────────────────────────────
  function say(sentence, tone) {
    const box = one("#flash");
    if (!box) return;
    const line = document.createElement("p");
    line.className = "gj-flash";
    line.dataset.tone = tone || "stop";
    if (line.dataset.tone === "stop") line.setAttribute("role", "alert");
    const text = document.createElement("span");
    text.textContent = sentence;
    line.append(icon(line.dataset.tone), text);
    box.replaceChildren(line);
    if (line.getBoundingClientRect().top < 0) line.scrollIntoView({ block: "center" });
  }

  try {
    const told = JSON.parse(sessionStorage.getItem("gj:told"));
    sessionStorage.removeItem("gj:told");
    if (told) say(told[0], told[1]);
  } catch (_) { /* nothing to carry over */ }

  // ── two minutes before the session ends: say so; what was typed stays ────────────────
  const idleMinutes = Number(document.body.dataset.idle || 0);
  let idleTimer = 0;
  function startIdle() {
    clearTimeout(idleTimer);
    const warned = one("#idle");
    if (warned) warned.remove();
    if (idleMinutes <= 2) return;
    idleTimer = setTimeout(() => {
      const line = document.createElement("div");
      line.id = "idle";
      line.className = "gj-offline";
      line.setAttribute("role", "alert");
      const button = document.createElement("button");
      button.type = "button";
      button.className = "btn btn-sm";
      button.textContent = "继续办";
      button.addEventListener("click", () => fetch(document.body.dataset.stay || "/", { method: "HEAD", credentials: "same-origin" }).then(startIdle, () => say("没有网络。内容仍在本页，恢复后再点一次。")));
      line.append("2 分钟后自动退出，写好的内容会留着。", button);
      const top = one(".gj-top");
      if (top) top.after(line);
    }, (idleMinutes - 2) * 60000);
  }
  startIdle();
  document.addEventListener("htmx:afterRequest", startIdle);

  // ── keys: / searches, Esc closes ─────────────────────────────────────────────────────
  const typing = (element) => element.matches("input, textarea, select, [contenteditable]");
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey && !typing(event.target)) {
      const search = one("[data-search]");
      if (search && search.offsetParent) { event.preventDefault(); search.focus(); search.select(); }
    }
    if (event.key === "Escape") {
      const menu = one("details[data-menu][open]");
      if (menu) { menu.open = false; one("summary", menu).focus(); return; }
      const peek = one(".gj-peek:not([hidden])");
      if (peek && !one("dialog[open]")) closePeek(peek);
    }
  });

  // ── menus: one open at a time, closed by a click elsewhere ───────────────────────────
  document.addEventListener("click", (event) => {
    all("details[data-menu][open]").forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; });
  });

  // ── dialogs and side panels: focus goes in and comes back ────────────────────────────
  const cameFrom = new WeakMap();
  on("click", "[data-dialog]", (button, event) => {
    const dialog = document.getElementById(button.dataset.dialog);
    if (!dialog || !dialog.showModal) return;
    event.preventDefault();
    cameFrom.set(dialog, button);
    dialog.showModal();
    const first = one("textarea, input:not([type=hidden]), h2", dialog);
    if (first) first.focus();
  });
  on("click", "[data-dialog-close]", (button) => button.closest("dialog").close());
  document.addEventListener("close", (event) => {
    const button = event.target instanceof Element && cameFrom.get(event.target);
    if (button && button.isConnected) button.focus();
  }, true);
  const again = one("dialog[open]"); // a refused act asks again, and says there what was wrong
  if (again && again.showModal) {
    const refused = document.getElementById("refused");
    const title = one("h2", again);
    if (refused && title) {
      const why = refused.cloneNode(true);
      why.removeAttribute("id");
      title.after(why);
    }
    again.removeAttribute("open"); // as sent it lies open at the end of the page, out of sight
    again.showModal();
  }
  let peekFrom = null;
  function closePeek(peek) {
    peek.hidden = true;
    if (peekFrom && peekFrom.isConnected) peekFrom.focus();
  }
  on("click", "[data-peek]", (button) => { peekFrom = button; });
  on("click", "[data-peek-close]", (button) => closePeek(button.closest(".gj-peek")));
  on("click", "[data-back]", () => { if (history.length > 1) history.back(); else location.assign("/"); });

  // ── density and rail, remembered per browser ─────────────────────────────────────────
  function setDensity(name) {
    if (name === "normal") delete document.body.dataset.density; else document.body.dataset.density = name;
    all("[data-set-density]").forEach((button) => button.setAttribute("aria-pressed", String(button.dataset.setDensity === name)));
  }
  const density = store.read("density") || document.body.dataset.density || "normal";
  setDensity(density);
  on("click", "[data-set-density]", (button) => {
    store.write("density", button.dataset.setDensity);
    setDensity(button.dataset.setDensity);
  });
  on("click", "[data-cycle-density]", () => {
    const order = ["compact", "normal", "roomy"];
    const next = order[(order.indexOf(document.body.dataset.density || "normal") + 1) % order.length];
    store.write("density", next);
    setDensity(next);
  });

  function setRail(side, folded) {
    if (folded) side.setAttribute("data-rail", ""); else side.removeAttribute("data-rail");
    const button = one("[data-rail-toggle]", side);
    if (button) button.setAttribute("aria-expanded", String(!folded));
  }
  const side = one("#side");
  if (side) {
    // A page that starts as a rail has its own memory, so that folding the board does not fold the rest.
    const key = side.hasAttribute("data-rail") ? "rail-wide" : "rail";
    const kept = store.read(key);
    setRail(side, kept === null ? side.hasAttribute("data-rail") : kept);
    on("click", "[data-rail-toggle]", () => {
      const folded = !side.hasAttribute("data-rail");
      store.write(key, folded);
      setRail(side, folded);
    });
  }

  // ── forms: sent once, faults found, counters, typed dates ────────────────────────────
  function release(form) {
    delete form.dataset.sent;
    all("button[aria-busy=true]", form).concat(all(`button[form="${form.id}"][aria-busy=true]`)).forEach((button) => {
      button.removeAttribute("aria-busy");
      if (button.dataset.word) { button.textContent = ""; button.append(...(button.gjNodes || [button.dataset.word])); }
    });
  }
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || form.method !== "post" || event.defaultPrevented) return;
    if (form.dataset.sent) { event.preventDefault(); event.stopPropagation(); return; }
    const button = event.submitter || one("button[type=submit], button:not([type])", form);
    form.dataset.sent = "1";
    // The button's own name and value must still be sent: change its looks after the form was read.
    setTimeout(() => {
      if (!button || event.defaultPrevented) return; // kept for later, or sent by another part of this page
      button.setAttribute("aria-busy", "true");
      button.dataset.word = button.textContent;
      button.gjNodes = Array.from(button.childNodes);
      button.textContent = button.dataset.busy || "正在提交…";
    }, 0);
    setTimeout(() => release(form), 20000);
  });
  window.addEventListener("pageshow", () => all("form[data-sent]").forEach(release));
  document.addEventListener("htmx:afterRequest", (event) => {
    const form = event.target instanceof Element && event.target.closest("form");
    if (form) release(form);
  });

  function firstFault(root) {
    const bad = one("[data-bad]", root);
    if (!bad) return;
    const field = bad.matches("input, select, textarea") ? bad : one("input:not([type=hidden]), select, textarea", bad) || bad;
    field.focus({ preventScroll: true });
    bad.scrollIntoView({ block: "center" });
  }
  on("click", ".gj-faults a[href^='#'], [data-first-fault]", (link, event) => {
    const id = (link.getAttribute("href") || "").slice(1);
    const target = id && document.getElementById(id);
    event.preventDefault();
    if (!target) { firstFault(document); return; }
    const field = target.matches("input, select, textarea") ? target : one("input, select, textarea", target) || target;
    field.focus({ preventScroll: true });
    target.scrollIntoView({ block: "center" });
  });

  document.addEventListener("input", (event) => {
    const field = event.target;
    if (!(field instanceof Element)) return;
    if (field.dataset.count) {
      const box = document.getElementById(field.dataset.count);
      if (box) box.textContent = `${Array.from(field.value).length} / ${field.maxLength > 0 ? field.maxLength : ""}`;
    }
    if (field.dataset.odoBase) showDistance(field);
  });

  // The odometer: the distance at once, in a word and a tone.
  function showDistance(field) {
    const box = document.getElementById(field.dataset.odoOut || `${field.id}_distance`);
    if (!box) return;
    const digits = field.value.replace(/[,，\s]/g, "");
    const base = Number(field.dataset.odoBase);
    box.textContent = "";
    if (!/^\d+$/.test(digits)) { box.dataset.tone = "idle"; return; }
    const distance = Number(digits) - base;
    if (distance < 0) {
      box.dataset.tone = "stop";
      box.append(icon("stop"), `比上次读数 ${thousands(base)} 公里小，核对里程表`);
    } else {
      box.dataset.tone = distance > Number(field.dataset.odoLong || 1000) ? "wait" : "done";
      box.append(icon(box.dataset.tone), `${field.dataset.odoWord || "本次行驶"} ${thousands(distance)} 公里`);
    }
  }
  // Separators are set when the field is left (never while somebody types) and taken off when it is sent.
  const bare = (field) => { field.value = field.value.replace(/[,，\s]/g, ""); };
  const grouped = (field) => { bare(field); if (/^\d+$/.test(field.value)) field.value = thousands(field.value); };
  on("focusout", "input[data-odo-base]", grouped);
  document.addEventListener("submit", (event) => all("input[data-odo-base]", event.target).forEach(bare), true);
  function showDistances(root) {
    all("[data-odo-base]", root).forEach((field) => { if (field !== document.activeElement) grouped(field); showDistance(field); });
  }

  // Typed dates: 5.23, 20200523, 2020年5月23日 8点 → 2020-05-23 08:00, with the weekday beside it.
  const WEEK = ["周日", "周一", "周二", "周三", "周四", "周五", "周六"];
  function readDate(text) {
    const half = text.trim().replace(/[０-９]/g, (digit) => String.fromCharCode(digit.charCodeAt(0) - 0xfee0)).replace(/：/g, ":");
    const tight = /^(\d{4})(\d{2})(\d{2})(?:\s+(.*))?$/.exec(half);
    const loose = /^(?:(\d{4})\s*[-./年]\s*)?(\d{1,2})\s*[-./月]\s*(\d{1,2})\s*日?(?:[\sT]*(.*))?$/.exec(half);
    const found = tight || loose;
    if (!found) return null;
    const now = new Date();
    const day = new Date(Number(found[1] || now.getFullYear()), Number(found[2]) - 1, Number(found[3]));
    if (day.getMonth() !== Number(found[2]) - 1) return null;
    const rest = (found[4] || "").replace(/[(（]?(周|星期).[)）]?/, "").trim();
    const time = /^(\d{1,2})(?:[:点时]\s*(\d{1,2})?分?)?$/.exec(rest) || /^(\d{1,2})(\d{2})$/.exec(rest);
    if (rest && !(time && Number(time[1]) < 24 && Number(time[2] || 0) < 60)) return null; // nothing typed is dropped
    return { day, time: time ? `${time[1].padStart(2, "0")}:${(time[2] || "0").padStart(2, "0")}` : "" };
  }
  function tidyDate(field) {
    const read = readDate(field.value);
    const box = field.dataset.week ? document.getElementById(field.dataset.week) : one("em", field.parentElement);
    if (!read) { if (box) box.textContent = ""; return; }
    const { day, time } = read;
    if (box) box.textContent = WEEK[day.getDay()];
    if (field.type !== "text") return; // a phone's own field writes for itself
    const iso = `${day.getFullYear()}-${String(day.getMonth() + 1).padStart(2, "0")}-${String(day.getDate()).padStart(2, "0")}`;
    field.value = field.dataset.date === "datetime" && time ? `${iso} ${time}` : iso;
  }
  on("focusout", "input[data-date]", (field) => {
    const before = field.value;
    tidyDate(field);
    if (before === field.value) return;
    ["input", "change"].forEach((name) => field.dispatchEvent(new Event(name, { bubbles: true })));
  });
  // Under a finger the phone's own field is the best one. On a desk people type; beside the text
  // stands the browser's picker, of which only its small button is to be seen.
  const PICKED = { datetime: "datetime-local", date: "date" };
  const finger = window.matchMedia && window.matchMedia("(pointer: coarse)").matches;
  const ISO = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2})?$/;
  const asPicked = (text) => (ISO.test(text) ? text.replace(" ", "T") : "");
  function dressDate(field) {
    if (field.gjDressed) return;
    field.gjDressed = true;
    if (field.value) tidyDate(field);
    if (finger) {
      const value = asPicked(field.value);
      if (field.value && !value) return; // what cannot be read stays as it was written
      field.type = PICKED[field.dataset.date] || "date";
      field.defaultValue = asPicked(field.defaultValue);
      field.value = value;
      return;
    }
    const picker = document.createElement("input");
    picker.type = PICKED[field.dataset.date] || "date";
    picker.className = "gj-picker";
    picker.tabIndex = -1;
    picker.setAttribute("aria-label", field.dataset.date === "datetime" ? "选日期和时间" : "选日期");
    picker.max = field.dataset.date === "datetime" ? "9999-12-31T23:59" : "9999-12-31";
    const follow = () => { picker.value = asPicked(field.value); };
    follow();
    field.addEventListener("change", follow);
    picker.addEventListener("pointerdown", follow);
    picker.addEventListener("input", (event) => {
      event.stopPropagation(); // it has no name; what it says is told by the field
      if (!picker.value) return;
      field.value = picker.value.replace("T", " ");
      tidyDate(field);
      field.dispatchEvent(new Event("input", { bubbles: true }));
      field.dispatchEvent(new Event("change", { bubbles: true }));
    });
    picker.addEventListener("change", (event) => event.stopPropagation());
    field.parentElement.append(picker);
  }

  // ── drafts: what was typed survives a lost session and a closed window ───────────────
  const SKIP = new Set(["csrfmiddlewaretoken", "option"]);
  function values(form) {
    const kept = {};
    new FormData(form).forEach((value, name) => {
      if (SKIP.has(name) || typeof value !== "string") return;
      (kept[name] = kept[name] || []).push(value);
    });
    return kept;
  }
  function fill(form, kept) {
    Object.keys(kept).forEach((name) => {
      all(`[name="${CSS.escape(name)}"]`, form).forEach((field, index) => {
        if (field.type === "password" || field.type === "file" || field.type === "hidden") return;
        if (field.type === "radio" || field.type === "checkbox") field.checked = kept[name].includes(field.value);
        else if (kept[name][index] !== undefined) field.value = kept[name][index];
      });
    });
  }
  const draftKey = (form) => `draft:${form.dataset.draft}`;
  function showSaved(form, text) {
    const box = one("[data-saved]", form) || one(`[data-saved="${form.dataset.draft}"]`);
    if (box) box.textContent = text;
  }
  const timers = new WeakMap();
  function keepDraft(form) {
    clearTimeout(timers.get(form));
    timers.set(form, setTimeout(() => {
      if (form.dataset.sent) return;
      if (store.write(draftKey(form), { at: Date.now(), values: values(form) })) showSaved(form, `${clock(new Date())} 已存`);
    }, 600));
  }
  ["input", "change"].forEach((name) => on(name, "form[data-draft]", keepDraft));
  on("click", "[data-save-draft]", (button) => {
    const form = button.form || one("form[data-draft]");
    if (form) keepDraft(form);
  });
  on("submit", "form[data-draft]", (form) => {
    // Dropped only when the next page does not show this form again (see restoreDrafts).
    clearTimeout(timers.get(form));
    store.write(draftKey(form), { at: Date.now(), values: values(form), sent: true });
  });
  function restoreDrafts() {
    const forms = all("form[data-draft]");
    const open = new Set(forms.map(draftKey));
    const DAYS_30 = 30 * 24 * 3600 * 1000;
    store.keys("draft:").forEach((key) => {
      const draft = store.read(key);
      const old = !draft || Date.now() - draft.at > DAYS_30;
      // A whole page without the form came back after sending: it was taken, unless it is a fault page.
      const taken = draft && draft.sent && !open.has(key) && !document.body.classList.contains("gj-plain");
      if (old || taken) store.drop(key);
    });
    forms.forEach((form) => {
      const draft = store.read(draftKey(form));
      if (!draft || one("[data-bad]", form) || form.dataset.draftFresh !== undefined) return;
      fill(form, draft.values);
      showSaved(form, `${clock(new Date(draft.at))} 已存`);
      all("[data-count], [data-odo-base]", form).forEach((field) => field.dispatchEvent(new Event("input", { bubbles: true })));
      form.dispatchEvent(new CustomEvent("gj:draft-restored", { bubbles: true }));
    });
  }
  on("click", "[data-drop-draft]", (button) => {
    const form = button.form || one("form[data-draft]");
    if (!form) return;
    store.drop(draftKey(form));
    form.reset();
    showSaved(form, "");
  });

  // ── offline queue: an act on a phone is kept and sent when the net is back ───────────
  // <form data-offline="这一步叫什么" …> with a hidden field `idempotency_key` filled by the server.
  const QUEUE = "offline";
  const account = () => document.body.dataset.account || "";
  const queued = () => (store.read(QUEUE) || []).filter((item) => item.account === account());
  function saveQueue(items) {
    const others = (store.read(QUEUE) || []).filter((item) => item.account !== account());
    return store.write(QUEUE, others.concat(items));
  }
  function showQueue() {
    const main = one("#main");
    if (!main) return;
    let box = one("#kept");
    const items = queued();
    if (!items.length) { if (box) box.remove(); return; }
    if (!box) {
      box = document.createElement("div");
      box.id = "kept";
      box.setAttribute("role", "status");
      box.setAttribute("aria-live", "polite");
      main.prepend(box);
    }
    box.replaceChildren(...items.map((item) => {
      const line = document.createElement("p");
      line.className = "gj-kept";
      if (item.fault) line.dataset.tone = "stop";
      const text = document.createElement("span");
      line.append(icon(item.fault ? "stop" : "wait"));
      text.textContent = item.fault
        ? `${item.title}没有送成：${item.fault}`
        : `${item.title}已存在手机，联网后自动送出（${clock(new Date(item.at))}）`;
      line.append(text);
      if (item.fault) {
        const drop = document.createElement("button");
        drop.type = "button";
        drop.className = "btn btn-sm gj-push";
        drop.textContent = "知道了";
        drop.addEventListener("click", () => { saveQueue(queued().filter((other) => other.key !== item.key)); showQueue(); });
        line.append(drop);
      }
      return line;
    }));
    all("form[data-offline]").forEach((form) => {
      const key = one("[name=idempotency_key]", form);
      const waits = items.some((item) => !item.fault && key && item.key === key.value);
      all("button[type=submit], button:not([type])", form).concat(form.id ? all(`button[form="${form.id}"]`) : []).forEach((button) => { button.hidden = waits; });
      const foot = one(".gj-bottom");
      if (foot) foot.hidden = all("button, a", foot).length > 0 && all("button:not([hidden]), a", foot).length === 0;
    });
  }
  async function send(item) {
    const token = one("[name=csrfmiddlewaretoken]");
    const body = new URLSearchParams(item.body);
    if (token) body.set("csrfmiddlewaretoken", token.value);
    const answer = await fetch(item.url, {
      method: "POST", body, credentials: "same-origin", redirect: "follow",
      headers: { "X-CSRFToken": token ? token.value : "", "X-Requested-With": "guanjia-queue" },
    });
    const sentence = decodeURIComponent(answer.headers.get("X-Guanjia-Sentence") || "");
    if (answer.headers.get("X-Guanjia-Fault") === "stale") return { state: "later" };
    if (answer.ok) {
      if (/\/sign-in\/?/.test(new URL(answer.url).pathname)) return { state: "later" };
      // A page with faults answers 200 and the form again; a taken act redirects.
      if (!answer.redirected) return { state: "fault", sentence: "内容要改，打开这一单看。" };
      // The page behind the redirect has shown its result line to nobody: carry it over.
      const line = one("#flash .gj-flash", new DOMParser().parseFromString(await answer.text(), "text/html"));
      if (line) { try { sessionStorage.setItem("gj:told", JSON.stringify([line.textContent.trim(), line.dataset.tone])); } catch (_) { /* the act counts, not the line */ } }
      return { state: "taken", url: answer.url };
    }
    if (answer.status >= 500 || answer.status === 401 || answer.status === 408 || answer.status === 429) return { state: "later" };
    return { state: "fault", sentence: sentence || "没有收下，打开这一单看。" };
  }
  let sending = false;
  async function flush() {
    if (sending || !navigator.onLine) return;
    sending = true;
    let landed = "";
    try {
      for (const item of queued().filter((kept) => !kept.fault)) {
        const result = await send(item);
        if (result.state === "later") break;
        if (result.state === "taken") { saveQueue(queued().filter((kept) => kept.key !== item.key)); landed = result.url; }
        else saveQueue(queued().map((kept) => (kept.key === item.key ? Object.assign(kept, { fault: result.sentence }) : kept)));
      }
    } catch (_) { /* still no net: everything stays in the queue */ } finally {
      sending = false;
      showQueue();
      if (landed) location.assign(landed);
    }
  }
  // A form that waits for the net is sent by fetch at once, so that a lost net is noticed before the page is gone.
  on("submit", "form[data-offline]", (form, event) => {
    if (event.defaultPrevented) return;
    const key = one("[name=idempotency_key]", form);
    if (!key || form.enctype === "multipart/form-data") return; // photos do not fit: the browser sends it plainly
    event.preventDefault();
    const body = new URLSearchParams();
    new FormData(form).forEach((value, name) => { if (typeof value === "string" && name !== "csrfmiddlewaretoken") body.append(name, value); });
    if (event.submitter && event.submitter.name) body.append(event.submitter.name, event.submitter.value);
    const item = { key: key.value, at: Date.now(), title: form.dataset.offline || "这一步", url: form.action, body: body.toString(), account: account() };
    if (!body.has("occurred_at")) body.append("occurred_at", new Date(item.at).toISOString());
    item.body = body.toString();
    const keep = () => {
      if (!saveQueue(queued().filter((kept) => kept.key !== item.key).concat(item))) say("没有存下：手机空间满了。联网后再点一次。", "stop");
      release(form);
      showQueue();
    };
    if (!navigator.onLine) { keep(); return; }
    send(item).then((result) => {
      if (result.state === "taken") { location.assign(result.url); return; }
      if (result.state === "later") { keep(); return; }
      release(form);
      form.removeAttribute("data-offline"); // the server answered: let it show its faults in its own page
      form.submit();
    }).catch(keep);
  });
  window.addEventListener("online", () => { showNet(); flush(); });
  window.addEventListener("offline", () => showNet());
  function showNet() {
    const box = one("#net");
    if (navigator.onLine) { if (box) box.remove(); return; }
    if (box) return;
    const line = document.createElement("div");
    line.id = "net";
    line.className = "gj-offline";
    line.setAttribute("role", "status");
    line.textContent = one("form[data-offline]") ? "没有网络。照常办，联网后自动送出。" : "没有网络。内容仍在本页，恢复后再送。";
    const top = one(".gj-top");
    if (top) top.after(line);
  }

  // ── HTMX: waiting, faults ────────────────────────────────────────────────────────────
  const SENTENCES = {
    400: "没有办成：送来的内容读不懂。刷新后再试一次。",
    403: "这一步要有相应的职责才能办。",
    404: "没有这张单，或不在您的范围内。",
    409: "刚被别人改过，刷新看新内容。",
    413: "没有收下：内容太大。",
    429: "点得太快，稍等再试。",
  };
  const LOST = "没有保存：网络中断。内容仍在本页，恢复后再点一次。";
  document.addEventListener("htmx:sendError", () => say(LOST));
  document.addEventListener("htmx:timeout", () => say(LOST));
  document.addEventListener("htmx:responseError", (event) => {
    const xhr = event.detail.xhr;
    if (xhr.status === 401) {
      if (!xhr.getResponseHeader("HX-Redirect")) location.assign(`/sign-in/?next=${encodeURIComponent(location.pathname + location.search)}`);
      return;
    }
    const told = xhr.getResponseHeader("X-Guanjia-Sentence");
    say(told ? decodeURIComponent(told) : SENTENCES[xhr.status] || "没有保存：服务器出错。内容仍在本页，过一会儿再点一次。");
  });
  // 422 is an answer, not a fault: the refusal is shown where the form is. Fault pages are not swapped in.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const xhr = event.detail.xhr;
    if (xhr.status === 422 && !xhr.getResponseHeader("X-Guanjia-Sentence")) { event.detail.shouldSwap = true; event.detail.isError = false; }
    if (xhr.status === 200 && /\/sign-in\/?$/.test(new URL(xhr.responseURL || location.href).pathname) && !/^\/sign-in/.test(location.pathname)) {
      event.detail.shouldSwap = false;
      location.assign(`/sign-in/?next=${encodeURIComponent(location.pathname + location.search)}`);
    }
  });
  const bar = document.createElement("div");
  bar.className = "gj-bar-top";
  document.body.append(bar);
  let waiting = 0;
  let barTimer = 0;
  document.addEventListener("htmx:beforeRequest", () => { waiting += 1; clearTimeout(barTimer); barTimer = setTimeout(() => bar.setAttribute("data-on", ""), 300); });
  document.addEventListener("htmx:afterRequest", () => { waiting = Math.max(0, waiting - 1); if (!waiting) { clearTimeout(barTimer); bar.removeAttribute("data-on"); } });
  document.addEventListener("htmx:afterSettle", (event) => {
    const root = event.target;
    showDistances(root);
    all("input[data-date]", root).forEach(dressDate);
    const title = root instanceof Element && one("[data-focus-here]", root);
    if (title) title.focus();
    updateBatch(document);
  });

  // ── ticks and the batch bar ──────────────────────────────────────────────────────────
  // <… data-batch> holds [data-tick-all], [data-tick] boxes and a .gj-batch with [data-batch-count].
  function updateBatch(root) {
    all("[data-batch]", root).forEach((area) => {
      const ticks = all("[data-tick]", area);
      const chosen = ticks.filter((tick) => tick.checked);
      ticks.forEach((tick) => { const row = tick.closest("tr"); if (row) { if (tick.checked) row.setAttribute("aria-selected", "true"); else row.removeAttribute("aria-selected"); } });
      const head = one("[data-tick-all]", area);
      if (head) { head.checked = ticks.length > 0 && chosen.length === ticks.length; head.indeterminate = chosen.length > 0 && chosen.length < ticks.length; }
      all(".gj-batch", area).forEach((foot) => {
        foot.hidden = chosen.length === 0;
        const count = one("[data-batch-count]", foot);
        if (count) count.textContent = String(chosen.length);
      });
    });
  }
  on("change", "[data-tick-all]", (head) => {
    all("[data-tick]", head.closest("[data-batch]")).forEach((tick) => { tick.checked = head.checked; });
    updateBatch(document);
  });
  on("change", "[data-tick]", () => updateBatch(document));
  on("click", "[data-untick]", (button) => {
    all("[data-tick]", button.closest("[data-batch]")).forEach((tick) => { tick.checked = false; });
    updateBatch(document);
  });

  // ── the rest ─────────────────────────────────────────────────────────────────────────
  on("click", "[data-print]", () => window.print());
  on("click", "[data-fill-user]", (button) => {
    const form = one("form[data-once]");
    if (!form) return;
    const user = one("[name=username]", form);
    const password = one("[name=password]", form);
    if (user) user.value = button.dataset.fillUser;
    if (password) password.value = button.dataset.fillPassword || "";
    const submit = one("button[type=submit]", form);
    if (submit) submit.focus();
  });
  on("submit", "form[data-sign-out]", () => {
    // A shared office computer: drafts of the person who leaves do not stay. Acts not yet sent do.
    store.keys("draft:").forEach(store.drop);
  });
  on("change", "input[type=file]", (field) => {
    const box = one("[data-file-name]", field.parentElement);
    if (box) box.textContent = Array.from(field.files).map((file) => file.name).join("、") || "未选文件";
  });
  on("change", "[data-submit-on-change]", (field) => { if (field.form) field.form.requestSubmit(); });

  restoreDrafts();
  showDistances(document);
  all("input[data-date]").forEach(dressDate);
  updateBatch(document);
  if (one("form [data-bad]")) firstFault(document);
  showNet();
  showQueue();
  flush();
  window.guanjia = { say, flush, updateBatch };
})();
