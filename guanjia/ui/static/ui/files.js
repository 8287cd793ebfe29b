/* Files on forms (sent as soon as they are chosen) and the large picture on pages. Works on data attributes,
   like guanjia.js, so that fragments swapped in later need no set-up. Chromium 88. */
(function () {
  "use strict";

  const AT_ONCE = 2; // uploads under way; a phone's line carries no more
  const all = (selector, root) => Array.from((root || document).querySelectorAll(selector));
  const one = (selector, root) => (root || document).querySelector(selector);
  const on = (name, selector, act) =>
    document.addEventListener(name, (event) => {
      const target = event.target instanceof Element ? event.target.closest(selector) : null;
      if (target) act(target, event);
    });
  const say = (sentence) => { if (window.guanjia) window.guanjia.say(sentence); };
  const MIB = 1024 * 1024;
  const size = (bytes) => (bytes < MIB ? `${Math.max(1, Math.round(bytes / 1024))} KB` : `${(bytes / MIB).toFixed(1).replace(/\.0$/, "")} MB`);

  const waiting = []; // {area, row, file}
  const kept = new WeakMap(); // row → its file, for another try
  let running = 0;

  function token(area) {
    const field = one("input[name=csrfmiddlewaretoken]", area.closest("form") || document);
    if (field) return field.value;
    try { return JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"]; } catch (_) { return ""; }
  }
  const rowsOf = (area) => one("[data-files-rows]", area);
  const countOf = (area) => all(".gj-file:not([data-tone=stop])", area).length;
  function tell(area, sentence) {
    const box = one("[data-files-told]", area);
    if (box) box.textContent = sentence;
  }
  function refresh(area) {
    const full = countOf(area) >= Number(area.dataset.count);
    const box = one(".gj-files-drop", area);
    const word = one(".gj-files-word", area);
    if (full) box.setAttribute("data-full", ""); else box.removeAttribute("data-full");
    if (word) word.textContent = full ? "已满" : rowsOf(area).children.length ? "再加" : "选文件";
    const form = area.closest("form");
    if (form) form.dispatchEvent(new CustomEvent("gj:files", { bubbles: true }));
  }

  function button(word, act, mark) {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "gj-file-act";
    made.setAttribute(act, "");
    made.setAttribute("aria-label", word);
    made.title = word.split(" ")[0];
    made.textContent = mark;
    return made;
  }
  function draftRow(file) {
    const row = document.createElement("li");
    row.className = "gj-file";
    row.dataset.name = file.name;
    row.setAttribute("data-sending", "");
    const picture = document.createElement("span");
    picture.className = "gj-file-pic";
    const what = document.createElement("span");
    what.className = "gj-file-what";
    const name = document.createElement("span");
    name.className = "gj-cut";
    name.textContent = file.name;
    const state = document.createElement("span");
    state.className = "gj-sub";
    state.textContent = `${size(file.size)} · 等候上传`;
    const bar = document.createElement("span");
    bar.className = "gj-progress";
    bar.style.display = "block";
    bar.append(document.createElement("i"));
    what.append(name, state, bar);
    row.append(picture, what, button(`去掉 ${file.name}`, "data-files-stop", "✕"));
    kept.set(row, file);
    return row;
  }
  function fault(area, row, sentence, again) {
    row.removeAttribute("data-sending");
    row.dataset.tone = "stop";
    const bar = one(".gj-progress", row);
    if (bar) bar.remove();
    const state = one(".gj-sub", row);
    state.setAttribute("role", "alert");
    state.textContent = sentence;
    if (again && !one("[data-files-again]", row)) one("[data-files-stop]", row).before(button(`重传 ${row.dataset.name}`, "data-files-again", "↻"));
    refresh(area);
  }

  function add(area, files) {
    const max = Number(area.dataset.count);
    let left = max - countOf(area);
    Array.from(files).forEach((file) => {
      const row = draftRow(file);
      if (left <= 0) { tell(area, ""); say(`最多 ${max} 个文件，多的没有收下。`); return; }
      rowsOf(area).append(row);
      if (!file.size) { fault(area, row, "是空文件，另选一份。"); return; }
      if (file.size > Number(area.dataset.bytes)) { fault(area, row, `${size(file.size)}，超过 ${size(Number(area.dataset.bytes))}。压缩或拆成几份再传。`); return; }
      left -= 1;
      waiting.push({ area, row, file });
    });
    refresh(area);
    next();
  }
  function next() {
    while (running < AT_ONCE && waiting.length) {
      const job = waiting.shift();
      if (job.row.isConnected) send(job);
    }
  }
  function send({ area, row, file }) {
    running += 1;
    const body = new FormData();
    body.append("field", area.dataset.files);
    body.append("kinds", area.dataset.kinds);
    body.append("bytes", area.dataset.bytes);
    body.append("file", file, file.name);
    const xhr = new XMLHttpRequest(); // fetch cannot tell how much has been sent
    row.gjSending = xhr;
    xhr.open("POST", area.dataset.stage);
    xhr.setRequestHeader("X-CSRFToken", token(area));
    xhr.setRequestHeader("X-Requested-With", "XMLHttpRequest");
    xhr.timeout = 10 * 60 * 1000;
    xhr.upload.addEventListener("progress", (event) => {
      const part = event.lengthComputable ? Math.round((100 * event.loaded) / event.total) : 0;
      const bar = one(".gj-progress > i", row);
      if (bar) bar.style.width = `${part}%`;
      one(".gj-sub", row).textContent = part < 100 ? `${size(file.size)} · 已传 ${part}%` : `${size(file.size)} · 正在检查`;
    });
    xhr.addEventListener("load", () => {
      if (/\/sign-in\/?$/.test(new URL(xhr.responseURL || location.href).pathname)) { fault(area, row, "登录已过期，在另一个窗口登录后重传。", true); return; }
      if (xhr.status === 200) { land(area, row, xhr.responseText); return; }
      const told = xhr.getResponseHeader("X-Guanjia-Sentence");
      const sentence = told ? decodeURIComponent(told).replace(/^没有收下：/, "").replace(`${file.name}：`, "") : "没有传成：服务器出错。过一会儿重传。";
      fault(area, row, sentence, xhr.status >= 500 || xhr.status === 403);
    });
    ["error", "timeout"].forEach((name) => xhr.addEventListener(name, () => fault(area, row, "没有传成：网络中断。恢复后重传。", true)));
    xhr.addEventListener("loadend", () => { running -= 1; next(); });
    xhr.send(body);
  }
  function land(area, row, html) {
    const holder = document.createElement("template");
    holder.innerHTML = html.trim();
    const made = holder.content.firstElementChild;
    if (!made) { fault(area, row, "没有传成：服务器的回答读不懂。重传一次。", true); return; }
    row.replaceWith(made);
    tell(area, `已收下 ${made.dataset.name}`);
    refresh(area);
    const form = area.closest("form");
    if (form) form.dispatchEvent(new Event("change", { bubbles: true }));
  }
  function take(area, row) {
    const after = row.nextElementSibling || row.previousElementSibling;
    const focus = (after && one(".gj-file-act", after)) || one(".gj-files-input", area);
    row.remove();
    tell(area, `已去掉 ${row.dataset.name}`);
    refresh(area);
    if (focus) focus.focus();
  }

  on("change", ".gj-files-input", (field) => {
    add(field.closest("[data-files]"), field.files);
    field.value = ""; // the same file can be chosen again
  });
  on("click", ".gj-files-drop[data-full] label", (label, event) => {
    event.preventDefault();
    say(`最多 ${label.closest("[data-files]").dataset.count} 个文件。先去掉一个。`);
  });
  on("click", "[data-files-drop]", (pressed) => {
    const area = pressed.closest("[data-files]");
    const row = pressed.closest(".gj-file");
    fetch(pressed.dataset.filesDrop, { method: "POST", credentials: "same-origin", headers: { "X-CSRFToken": token(area) } }).catch(() => {});
    take(area, row); // a file left behind is cleared by the server within a day
  });
  on("click", "[data-files-stop]", (pressed) => {
    const row = pressed.closest(".gj-file");
    const area = pressed.closest("[data-files]");
    if (row.gjSending) row.gjSending.abort();
    take(area, row);
  });
  on("click", "[data-files-again]", (pressed) => {
    const row = pressed.closest(".gj-file");
    const area = pressed.closest("[data-files]");
    const file = kept.get(row);
    const fresh = draftRow(file);
    row.replaceWith(fresh);
    waiting.push({ area, row: fresh, file });
    refresh(area);
    next();
  });

  const carries = (event) => event.dataTransfer && Array.from(event.dataTransfer.types).includes("Files");
  ["dragenter", "dragover"].forEach((name) => on(name, "[data-files]", (area, event) => {
    if (!carries(event)) return;
    event.preventDefault();
    one(".gj-files-drop", area).setAttribute("data-over", "");
  }));
  on("dragleave", "[data-files]", (area, event) => {
    if (!area.contains(event.relatedTarget)) one(".gj-files-drop", area).removeAttribute("data-over");
  });
  on("drop", "[data-files]", (area, event) => {
    if (!carries(event)) return;
    event.preventDefault();
    one(".gj-files-drop", area).removeAttribute("data-over");
    add(area, event.dataTransfer.files);
  });

  // A form is not sent while its files are still under way: they would be missing.
  document.addEventListener("submit", (event) => {
    const left = all("[data-files] [data-sending]", event.target).length;
    if (!left) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    say(`还有 ${left} 个文件没有传完，传完再提交。`);
  }, true);
  window.addEventListener("beforeunload", (event) => {
    if (one("[data-files] [data-sending]")) event.preventDefault();
  });

  // ── the large picture ────────────────────────────────────────────────────────────────
  let shown = null; // {dialog, pictures: [{url, name, page, pages, download}], index}
  function picturesOf(list) {
    return all("[data-files-open]", list).flatMap((link) =>
      Array.from({ length: Number(link.dataset.pages) }, (_, index) => ({
        url: `${link.href}&page=${index + 1}`, link, name: link.dataset.name, page: index + 1,
        pages: Number(link.dataset.allPages), download: link.dataset.download,
      })));
  }
  function turn(to) {
    const { dialog, pictures } = shown;
    shown.index = Math.min(Math.max(to, 0), pictures.length - 1);
    const picture = pictures[shown.index];
    const image = one("[data-view-image]", dialog);
    one("[data-view-name]", dialog).textContent = picture.name;
    one("[data-view-page]", dialog).textContent = picture.pages > 1 ? `第 ${picture.page} / ${picture.pages} 页` : "";
    one("[data-view-download]", dialog).href = picture.download;
    one("[data-view-turn='-1']", dialog).disabled = shown.index === 0;
    one("[data-view-turn='1']", dialog).disabled = shown.index === pictures.length - 1;
    one("[data-view-fault]", dialog).hidden = true;
    image.hidden = false;
    image.alt = picture.pages > 1 ? `${picture.name} 第 ${picture.page} 页` : picture.name;
    image.setAttribute("data-waiting", "");
    image.src = picture.url;
  }
  on("click", "[data-files-open]", (link, event) => {
    const list = link.closest("[data-files-list]");
    let dialog = list.nextElementSibling;
    while (dialog && !dialog.matches("[data-files-view]")) dialog = dialog.nextElementSibling;
    if (!dialog || !dialog.showModal || event.ctrlKey || event.metaKey || event.button) return;
    event.preventDefault();
    const pictures = picturesOf(list);
    shown = { dialog, pictures, index: 0, from: link };
    dialog.showModal();
    turn(pictures.findIndex((picture) => picture.link === link));
    const image = one("[data-view-image]", dialog);
    image.onload = () => image.removeAttribute("data-waiting");
    image.onerror = () => { image.hidden = true; one("[data-view-fault]", dialog).hidden = false; };
  });
  on("click", "[data-view-turn]", (pressed) => { if (shown) turn(shown.index + Number(pressed.dataset.viewTurn)); });
  on("click", "[data-files-view]", (dialog, event) => { if (event.target === dialog) dialog.close(); });
  let touchedAt = null; // a finger drawn across turns the page
  on("touchstart", ".gj-files-stage", (_, event) => { touchedAt = event.touches.length === 1 ? event.touches[0].clientX : null; });
  on("touchend", ".gj-files-stage", (_, event) => {
    const drawn = touchedAt === null ? 0 : event.changedTouches[0].clientX - touchedAt;
    touchedAt = null;
    if (shown && Math.abs(drawn) > 60 && !(window.visualViewport && window.visualViewport.scale > 1.05)) turn(shown.index + (drawn < 0 ? 1 : -1));
  });
  document.addEventListener("keydown", (event) => {
    if (!shown || !shown.dialog.open) return;
    if (event.key === "ArrowLeft") turn(shown.index - 1);
    if (event.key === "ArrowRight") turn(shown.index + 1);
  });
  document.addEventListener("close", (event) => {
    if (!shown || event.target !== shown.dialog) return;
    one("[data-view-image]", shown.dialog).removeAttribute("src");
    if (shown.from.isConnected) shown.from.focus();
    shown = null;
  }, true);

  all("[data-files]").forEach(refresh);
})();
