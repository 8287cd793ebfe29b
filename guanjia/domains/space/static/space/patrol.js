/* 手机巡检: choose or scan a room, tick what is found, keep it in the telephone, send it later.
   A record is kept before anything is sent, and let go only when the server said what became of it. */
(function () {
  "use strict";
  const body = document.body;
  const store = window.patrolStore;
  if (!body.hasAttribute("data-patrol") || !store) return;

  const ROUND = Number(body.dataset.patrol) || 0;
  const ACCOUNT = Number(body.dataset.account);
  const BATCH = 20; // records of one sending; what the server takes at a time
  const BATCH_BYTES = 6 * 1024 * 1024;
  const SIDE_MAX = 1600; // px of a photo's longer side
  const EVERY = 30000; // ms between tries while something waits
  const KEPT = "gj-patrol-1";
  const one = (selector, root) => (root || document).querySelector(selector);
  const all = (selector, root) => Array.from((root || document).querySelectorAll(selector));
  const copy = (id) => one(id).content.firstElementChild.cloneNode(true);
  const mark = (id) => one(id).content.cloneNode(true);
  const two = (number) => String(number).padStart(2, "0");
  const clock = (at) => `${at.getMonth() + 1}月${at.getDate()}日 ${at.getHours()}:${two(at.getMinutes())}`;
  const say = (sentence, tone) => { if (window.guanjia) window.guanjia.say(sentence, tone || "done"); };

  // ── what stands on top: waiting, signed out, refused ─────────────────────────────────
  let signedOut = false;
  const state = () => one("#patrol-state");
  function show(when, shown) {
    const line = one(`[data-when="${when}"]`, state());
    if (line) line.hidden = !shown;
  }
  async function tell() {
    const kept = await store.looks(ACCOUNT);
    const waiting = kept.filter((look) => look.state === "waits");
    const line = one('[data-when="waiting"]', state());
    one("[data-words]", line).textContent = `${waiting.length} 条已存在手机，${navigator.onLine ? "正在等着送出" : "联网后自动送出"}`;
    line.hidden = !waiting.length;
    show("signed-out", signedOut);
    show("other-account", (await store.others(ACCOUNT)) > 0);
    one("[data-refused]", state()).replaceChildren(...kept.filter((look) => look.state === "refused").map(refusedLine));
    body.dataset.waiting = String(waiting.length);
  }
  function refusedLine(look) {
    const line = copy("#patrol-refused");
    one("[data-label]", line).textContent = `${look.label}没有收下：`;
    one("[data-words]", line).textContent = look.sentence;
    one("[data-again]", line).hidden = look.round !== ROUND;
    one("[data-again]", line).addEventListener("click", () => openRoom(look.room, look.way, look));
    one("[data-drop]", line).addEventListener("click", async () => { await store.drop(look.uid); await tell(); render(); });
    return line;
  }

  // ── sending ──────────────────────────────────────────────────────────────────────────
  let sending = false;
  let most = BATCH; // after a fault of the server one record at a time, so that none blocks others
  const STUCK_MAX = 5; // records that fail by themselves before the server counts as out of order
  async function key() {
    const answer = await fetch(body.dataset.keepUrl, { credentials: "same-origin", redirect: "manual", cache: "no-store", headers: { "X-Guanjia-Poll": "1" } });
    if (answer.type === "opaqueredirect" || answer.status === 401 || answer.status === 403) { signedOut = true; return null; }
    if (!answer.ok) return null;
    const told = await answer.json();
    signedOut = told.account !== ACCOUNT;
    return signedOut ? null : told.key;
  }
  function nextBatch(waiting) {
    const batch = [];
    let bytes = 0;
    for (const look of waiting) {
      const size = look.photos.reduce((sum, photo) => sum + photo.size, 0);
      if (batch.length && (look.round !== batch[0].round || batch.length >= most || bytes + size > BATCH_BYTES)) break;
      batch.push(look);
      bytes += size;
    }
    return batch;
  }
  async function post(batch, token) {
    const form = new FormData();
    form.append("sent_at", new Date().toISOString());
    form.append("looks", JSON.stringify(batch.map(({ uid, room, scanned_at, items, note, measured, kind, way }) => ({ uid, room, scanned_at, items, note, measured, kind, way }))));
    batch.forEach((look) => look.photos.forEach((photo, place) => form.append(`photo-${look.uid}`, photo, `${place + 1}.jpg`)));
    return fetch(`${body.dataset.scope}${batch[0].round}/looks/`, { method: "POST", body: form, credentials: "same-origin", redirect: "manual", headers: { "X-CSRFToken": token, "X-Requested-With": "guanjia-patrol" } });
  }
  /** One sending; whether to go on with the next. ``stuck``: records passed over until the next try. */
  async function sendBatch(batch, token, stuck) {
    const answer = await post(batch, token);
    if (answer.type === "opaqueredirect" || answer.status === 401) { signedOut = true; return false; }
    if (answer.status === 404) { await Promise.all(batch.map((look) => store.put(Object.assign(look, { state: "refused", sentence: "没有这次巡检，或不在您的范围内。" })))); return true; }
    if (!answer.ok) {
      most = 1;
      if (batch.length === 1) stuck.add(batch[0].uid);
      return answer.status <= 500 && stuck.size < STUCK_MAX; // above: the server is away
    }
    const { answers } = await answer.json();
    const told = new Map(answers.map((one_) => [one_.uid, one_]));
    for (const look of batch) {
      const came = told.get(look.uid); // none: the server stopped half way, it is sent again
      if (!came) { if (batch.length === 1) stuck.add(look.uid); continue; }
      if (came.came === "REFUSED") await store.put(Object.assign(look, { state: "refused", sentence: came.sentence }));
      else { await settle(look); await store.drop(look.uid); if (came.sentence) say(`${look.label}：${came.sentence}`, "wait"); }
    }
    return true;
  }
  async function settle(look) {
    const kept = look.round === ROUND ? round : await store.round(ACCOUNT, look.round);
    const room = kept && kept.told.rooms.find((each) => each.id === look.room);
    if (!room) return;
    room.last = { at: clock(new Date(look.scanned_at)), who: "本人", what: look.what };
    await store.keepRound(ACCOUNT, kept.told);
  }
  async function flush() {
    if (sending || !navigator.onLine) return;
    if (!(await store.looks(ACCOUNT)).some((look) => look.state === "waits")) { await tell(); return; }
    sending = true;
    let sent = 0;
    const stuck = new Set();
    const waitingNow = async () => (await store.looks(ACCOUNT)).filter((look) => look.state === "waits" && !stuck.has(look.uid));
    try {
      const token = await key();
      for (let more = Boolean(token); more;) {
        const waiting = await waitingNow();
        if (!waiting.length) break;
        const batch = nextBatch(waiting);
        more = await sendBatch(batch, token, stuck);
        const gone = new Set(waiting.map((look) => look.uid));
        for (const look of await store.looks(ACCOUNT)) if (look.state === "waits") gone.delete(look.uid);
        sent += gone.size;
        if (!gone.size && batch.length > 1) most = 1; // no answer about any: one by one
      }
    } catch (_) { /* the network went away: everything is still kept */ } finally {
      sending = false;
      if (sent) { most = BATCH; say(`已送出 ${sent} 条`); }
      await tell();
      render();
    }
  }
  // Two pages of one telephone send one after the other; the server knows a record again anyway.
  const flushAlone = () => (navigator.locks ? navigator.locks.request("gj-patrol", { ifAvailable: true }, (held) => (held ? flush() : null)) : flush());
  window.addEventListener("online", () => { flushAlone(); read(); });
  window.addEventListener("offline", () => tell());
  document.addEventListener("visibilitychange", () => { if (!document.hidden) flushAlone(); });
  document.addEventListener("click", (event) => { if (event.target.closest("[data-send]")) flushAlone(); });
  setInterval(() => { if (Number(body.dataset.waiting)) flushAlone(); }, EVERY);

  // ── the rooms ────────────────────────────────────────────────────────────────────────
  let round = null; // {account, id, told: {units, rooms}, at}
  let mine = new Map(); // room id → my record that waits
  async function read() {
    if (!ROUND || !one("#rooms")) return;
    try {
      const answer = await fetch(body.dataset.roomsUrl, { credentials: "same-origin", redirect: "manual", cache: "no-store" });
      if (answer.type === "opaqueredirect" || answer.status === 401) { signedOut = true; }
      else if (answer.ok) {
        const told = await answer.json();
        if (told.account === ACCOUNT) { await store.keepRound(ACCOUNT, told); signedOut = false; } else signedOut = true;
      } else if (answer.status === 404 || answer.status === 403) await store.dropRound(ACCOUNT, ROUND);
    } catch (_) { /* no network: what is kept is shown */ }
    round = await store.round(ACCOUNT, ROUND);
    fillUnits();
    await tell();
    render();
  }
  function fillUnits() {
    const field = one("#unit");
    if (!round || field.options.length > 1) return;
    round.told.units.forEach((unit) => field.append(new Option(unit.name, unit.id)));
    const chosen = sessionStorage.getItem(`gj-patrol-unit-${ROUND}`);
    if (chosen && round.told.units.some((unit) => String(unit.id) === chosen)) field.value = chosen;
    if (round.told.units.length === 1) field.value = String(round.told.units[0].id);
  }
  const nameOf = (room) => `${room.b} ${room.n}`;
  const kindOf = (value) => { const field = one("#kind"); const found = Array.from(field.options).find((option) => option.value === value); return found ? found.textContent : ""; };
  function matches(room) {
    const unit = one("#unit").value;
    if (unit && String(room.u) !== unit) return false;
    if (one("#left").checked && (room.last || mine.has(room.id))) return false;
    const words = one("#words").value.trim().toUpperCase();
    return !words || [room.b, room.n, ...room.p].join(" ").toUpperCase().includes(words);
  }
  async function render() {
    const list = one("#list");
    if (!list) return;
    mine = new Map((await store.looks(ACCOUNT)).filter((look) => look.round === ROUND && look.state === "waits").map((look) => [look.room, look]));
    if (!round) { list.replaceChildren(nothing(navigator.onLine ? "正在读取房间…" : "手机里还没有这次巡检的房间，联网打开一次")); return; }
    const rooms = round.told.rooms.filter(matches);
    const parts = [];
    let head = "";
    rooms.forEach((room) => {
      const place = `${room.b} ${room.f}`;
      if (place !== head) { const title = document.createElement("h2"); title.textContent = head = place; parts.push(title); }
      parts.push(rowOf(room));
    });
    list.replaceChildren(...(parts.length ? parts : [nothing(round.told.rooms.length ? "没有符合条件的房间" : "这次巡检的单位没有房间")]));
    const done = round.told.rooms.filter((room) => room.last || mine.has(room.id)).length;
    one("[data-counts]").textContent = `已检 ${done} / ${round.told.rooms.length}`;
    one("#kept-at").textContent = `房间 ${clock(new Date(round.at))} 存在手机`;
  }
  function nothing(sentence) {
    const line = document.createElement("p");
    line.className = "patrol-none";
    line.textContent = sentence;
    return line;
  }
  function rowOf(room) {
    const row = copy("#patrol-row");
    const waits = mine.get(room.id);
    row.dataset.room = room.id;
    one(".patrol-no", row).textContent = room.n;
    one("[data-line]", row).textContent = `${kindOf(room.k)} ${room.m} ㎡`;
    one("[data-who]", row).textContent = drafts.has(room.id) ? "填了一半，没有记下" : waits ? `${clock(new Date(waits.scanned_at))} ${waits.what}` : room.last ? `${room.last.at} ${room.last.who} ${room.last.what}` : room.p.join("、");
    one("[data-mark]", row).append(mark(waits ? "#patrol-waits" : !room.last ? "#patrol-todo" : room.last.what === "无问题" ? "#patrol-fine" : "#patrol-bad"));
    row.addEventListener("click", () => openRoom(room.id, "PICKED"));
    return row;
  }

  // ── one room ─────────────────────────────────────────────────────────────────────────
  let now = null; // {room, way, scanned_at, photos, instead}
  /** ``before``: a refused record that is mended. ``again``: a draft that goes on after a reload. */
  function openRoom(id, way, before, again) {
    const room = round && round.told.rooms.find((each) => each.id === id);
    if (!room) { say("这间房不在这次巡检里。", "stop"); return; }
    const form = one("#room");
    form.reset();
    const kept = drafts.get(id);
    const draft = again || (kept && kept.instead === (before ? before.uid : "") ? kept : null);
    const told = draft || before;
    // A room that is chosen anew is looked at now; a reload is the same look.
    const same = again || before;
    now = { room, way, scanned_at: same ? same.scanned_at : new Date().toISOString(), photos: told ? told.photos.slice() : [], instead: again ? again.instead : before ? before.uid : "" };
    one("[data-name]", form).textContent = nameOf(room);
    one("[data-facts]", form).textContent = [kindOf(room.k), `${room.m} ㎡`, room.p.join("、")].filter(Boolean).join(" · ");
    one("[data-last]", form).textContent = room.last ? `上次 ${room.last.at} ${room.last.who} ${room.last.what}` : "";
    if (told) {
      all("[name=item]", form).forEach((box) => { box.checked = told.items.includes(Number(box.value)); });
      form.note.value = told.note;
      form.measured.value = told.measured;
      form.kind.value = told.kind;
    }
    if (draft) say("接着没有记下的填");
    fault("");
    shots();
    swap(true);
    one("[data-name]", form).focus();
  }
  function swap(toRoom) {
    one("#rooms").hidden = toRoom;
    one("#room").hidden = !toRoom;
    one("#foot").hidden = !toRoom;
    state().hidden = toRoom;
    if (!toRoom) return;
    const here = `#room-${now.room.id}`;
    if (location.hash !== here) history.pushState({ patrol: now.room.id }, "", here);
    window.scrollTo(0, 0);
  }
  function leave() {
    if (!now) return;
    if (later) keepDraft();
    now = null;
    one("#rooms").hidden = false;
    one("#room").hidden = one("#foot").hidden = true;
    state().hidden = false;
    render();
  }
  window.addEventListener("popstate", leave);

  // ── what is half filled in, for a page that is read anew before 记下 ───────────────────
  let drafts = new Map(); // room id → what is filled in and not recorded
  let later = 0;
  const DRAFT_AFTER = 400; // ms of quiet while somebody types
  const ticked = (form) => all("[name=item]:checked", form).map((box) => Number(box.value));
  function keepDraft() {
    clearTimeout(later);
    later = 0;
    if (!now) return;
    const form = one("#room");
    const draft = { account: ACCOUNT, round: ROUND, room: now.room.id, way: now.way, scanned_at: now.scanned_at, instead: now.instead, items: ticked(form), note: form.note.value, measured: form.measured.value, kind: form.kind.value, photos: now.photos.slice(), at: Date.now() };
    if (!(draft.items.length || draft.note || draft.measured || draft.kind || draft.photos.length)) { forget(draft.room); return; }
    drafts.set(draft.room, draft);
    store.keepDraft(draft).catch(() => {}); // no room for it: 记下 says so
  }
  function forget(room) {
    clearTimeout(later);
    later = 0;
    drafts.delete(room);
    return store.dropDraft(ACCOUNT, ROUND, room).catch(() => {});
  }
  /** The room that was being filled in when the page was read anew. */
  function goOn() {
    const open_ = /^#room-(\d+)$/.exec(location.hash);
    if (now || !open_ || !round) return;
    const draft = drafts.get(Number(open_[1]));
    const mine_ = history.state && history.state.patrol === Number(open_[1]);
    if (!draft || !mine_) history.replaceState(null, "", location.pathname);
    if (draft) openRoom(draft.room, draft.way, null, draft);
  }
  window.addEventListener("pagehide", () => { if (later) keepDraft(); });
  function fault(sentence) {
    const line = one("#fault");
    line.textContent = sentence;
    line.hidden = !sentence;
    if (sentence) line.scrollIntoView({ block: "center" });
  }
  /** What the server would refuse, said at once; it decides all the same. */
  function unsound(look, results) {
    if (look.measured && !(/^\d{1,5}(\.\d{1,2})?$/.test(look.measured) && Number(look.measured) > 0)) return "实测面积只填数字，如 21.9。";
    if (results.includes("OTHER") && !look.note) return "没有写是什么问题。写说明。";
    if (results.includes("MISMATCH") && !look.note && !look.measured && !look.kind) return "没有写哪里不符。填实测面积、实际用途，或写说明。";
    return "";
  }
  // A random mark by RFC 4122; crypto.randomUUID is younger than many telephones.
  function uuid() {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 15) | 64;
    bytes[8] = (bytes[8] & 63) | 128;
    const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
  }
  async function record(form) {
    const boxes = all("[name=item]:checked", form);
    const filled = now.room.id;
    const results = boxes.map((box) => box.dataset.result);
    const look = {
      uid: uuid(), account: ACCOUNT, round: ROUND, room: now.room.id, state: "waits", sentence: "",
      scanned_at: now.scanned_at, kept_at: Date.now(), way: now.way, photos: now.photos,
      items: ticked(form), note: form.note.value.trim(),
      measured: form.measured.value.trim(), kind: form.kind.value, label: nameOf(now.room),
      what: boxes.map((box) => one("b", box.parentElement).textContent).join("、") || "无问题",
    };
    const wrong = unsound(look, results);
    if (wrong) { fault(wrong); return; }
    try {
      await store.put(look);
      if (now && now.instead) await store.drop(now.instead);
      await forget(filled);
    } catch (_) { fault("没有存下：手机空间满了。腾出空间再点一次，先不要离开这一页。"); return; }
    say(`${look.label} 已存在手机（${clock(new Date(look.kept_at))}）`);
    await tell();
    history.back(); // leaves the room; its record is kept
    flushAlone();
  }

  // ── photos ───────────────────────────────────────────────────────────────────────────
  async function smaller(file) {
    const picture = await createImageBitmap(file);
    const share = Math.min(1, SIDE_MAX / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(picture.width * share));
    canvas.height = Math.max(1, Math.round(picture.height * share));
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    return new Promise((done, failed) => canvas.toBlob((blob) => (blob ? done(blob) : failed(new Error("photo"))), "image/jpeg", 0.8));
  }
  async function addPhotos(files) {
    const room = now;
    for (const file of files) {
      if (room.photos.length >= Number(body.dataset.photos)) { fault(`最多 ${body.dataset.photos} 张照片。`); break; }
      try { room.photos.push(await smaller(file)); } catch (_) { fault(`${file.name} 打不开，重拍一张。`); }
    }
    if (now === room) { shots(); keepDraft(); }
  }
  function shots() {
    const box = one("#shots");
    all("img", box).forEach((image) => URL.revokeObjectURL(image.src));
    box.replaceChildren(...now.photos.map((photo, place) => {
      const button = document.createElement("button");
      button.type = "button";
      button.setAttribute("aria-label", `去掉第 ${place + 1} 张照片`);
      const image = document.createElement("img");
      image.src = URL.createObjectURL(photo);
      image.alt = `第 ${place + 1} 张照片`;
      button.append(image);
      button.addEventListener("click", () => { now.photos.splice(place, 1); shots(); keepDraft(); });
      return button;
    }));
  }

  // ── the code on a door ───────────────────────────────────────────────────────────────
  const roomIn = (text) => { const found = /\/door\/(\d+)\/?$/.exec(text) || /\/space\/rooms\/(\d+)\//.exec(text); return found ? Number(found[1]) : 0; };
  async function scan() {
    const dialog = one("#scanner");
    const video = one("#camera");
    let stream = null;
    try { stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } }); } catch (_) { say("打不开相机。在列表里选房间。", "stop"); return; }
    dialog.showModal();
    video.srcObject = stream;
    await video.play();
    const reader = new window.BarcodeDetector({ formats: ["qr_code"] });
    dialog.addEventListener("close", () => stream.getTracks().forEach((track) => track.stop()), { once: true });
    while (dialog.open) {
      const codes = await reader.detect(video).catch(() => []);
      const id = codes.length ? roomIn(codes[0].rawValue) : 0;
      if (codes.length && dialog.open) { dialog.close(); if (id) openRoom(id, "SCANNED"); else say("不是门牌码。", "stop"); }
      await new Promise((done) => setTimeout(done, 250));
    }
  }
  function fromAddress() {
    const scanned = /^#scan-(\d+)$/.exec(location.hash);
    if (!scanned) return;
    history.replaceState(null, "", location.pathname);
    if (round) openRoom(Number(scanned[1]), "SCANNED");
  }

  // ── begin ────────────────────────────────────────────────────────────────────────────
  function listen() {
    const form = one("#room");
    if (!form) return;
    ["unit", "words", "left"].forEach((id) => one(`#${id}`).addEventListener("input", () => { sessionStorage.setItem(`gj-patrol-unit-${ROUND}`, one("#unit").value); render(); }));
    form.addEventListener("submit", (event) => { event.preventDefault(); if (now) record(form); });
    form.addEventListener("change", (event) => { if (event.target.id !== "photo") keepDraft(); });
    form.addEventListener("input", () => { clearTimeout(later); later = setTimeout(keepDraft, DRAFT_AFTER); });
    one("[data-leave]").addEventListener("click", () => { if (now) forget(now.room.id); history.back(); });
    one("[data-back]").addEventListener("click", (event) => { if (now) { event.preventDefault(); history.back(); } });
    one("#photo").addEventListener("change", (event) => { addPhotos(Array.from(event.target.files)); event.target.value = ""; });
    if ("BarcodeDetector" in window && navigator.mediaDevices) { one("#scan").hidden = false; one("#scan").addEventListener("click", scan); }
  }
  /** Keep this page with what it is made of, so that it opens without a network. */
  async function prepare() {
    if (!("serviceWorker" in navigator) || !window.caches) { show("not-ready", true); return; }
    await navigator.serviceWorker.register(body.dataset.worker, { scope: body.dataset.scope });
    if (!navigator.onLine) return;
    const needed = [location.pathname, body.dataset.scope, ...all("link[rel=stylesheet], link[rel=icon]").map((each) => each.href), ...all("script[src]").map((each) => each.src)];
    const kept = await caches.open(KEPT);
    await Promise.all(needed.map(async (url) => {
      const answer = await fetch(url, { credentials: "same-origin", redirect: "manual" });
      if (answer.ok && answer.type === "basic") await kept.put(new URL(url, location.href).href, answer);
    }));
    await navigator.serviceWorker.ready;
    body.dataset.ready = "yes";
  }
  async function begin() {
    listen();
    try { await store.open(); } catch (_) { show("no-store", true); return; }
    if (navigator.storage && navigator.storage.persist) navigator.storage.persist().catch(() => false);
    await store.tidy(ACCOUNT);
    round = ROUND ? await store.round(ACCOUNT, ROUND) : null;
    if (ROUND) drafts = new Map((await store.drafts(ACCOUNT, ROUND)).map((draft) => [draft.room, draft]));
    await tell();
    if (round && one("#rooms")) { fillUnits(); render(); goOn(); }
    await read();
    fromAddress();
    goOn();
    prepare().catch(() => show("not-ready", !(navigator.serviceWorker && navigator.serviceWorker.controller))); // kept earlier: ready all the same
    flushAlone();
  }
  begin();
})();
