/* The page of a floor: a room opens beside the plan, the day is read as soon as it is chosen.
   Everything it does is a link or a form of the page; without it the page loads anew. */
(function () {
  "use strict";

  const plan = () => document.querySelector("[data-sp-plan]");
  const panel = () => document.getElementById("plan-peek");
  const roomLinks = (id) => Array.from(document.querySelectorAll("[data-sp-room]")).filter((link) => link.dataset.spRoom === id);

  function mark(id) {
    document.querySelectorAll("[data-sp-room][aria-current]").forEach((link) => link.removeAttribute("aria-current"));
    roomLinks(id).forEach((link) => link.setAttribute("aria-current", "true"));
    const drawn = plan() && roomLinks(id).find((link) => plan().contains(link));
    const edge = plan() && plan().querySelector(".sp-chosen");
    if (edge) edge.setAttribute("points", drawn ? drawn.querySelector("polygon").getAttribute("points") : "");
  }

  // The room is part of the address: it can be sent to a colleague, and the back button works.
  function addressOf(id) {
    const address = new URL(location.href);
    if (id) address.searchParams.set("room", id);
    else address.searchParams.delete("room");
    address.hash = "";
    return address;
  }

  function show(id, focus) {
    const base = plan() && plan().dataset.spPeek;
    if (!base || !panel() || !window.htmx) return false;
    const query = addressOf(id).search;
    const asked = window.htmx.ajax("GET", base + "rooms/" + encodeURIComponent(id) + "/" + query, { target: "#plan-peek", swap: "innerHTML" });
    mark(id);
    const day = document.querySelector("[data-sp-day] [name=room]");
    if (day) day.value = id;
    if (focus && asked && asked.then) asked.then(() => {
      const title = document.getElementById("peek_title");
      if (!title) return;
      title.focus({ preventScroll: true });
      if (window.matchMedia("(max-width: 900px)").matches) title.scrollIntoView({ block: "center" });
    });
    return true;
  }

  function close() {
    const current = document.querySelector("[data-sp-room][aria-current]");
    if (!current && !panel().firstElementChild) return;
    history.pushState({}, "", addressOf(""));
    panel().replaceChildren();
    mark("");
    if (current) current.focus({ preventScroll: true });
  }

  document.addEventListener("click", (event) => {
    if (!(event.target instanceof Element) || event.defaultPrevented) return;
    const printing = event.target.closest("[data-sp-print]");
    if (printing) { window.print(); return; }
    if (event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    if (panel() && event.target.closest("[data-sp-close]")) { event.preventDefault(); close(); return; }
    const link = event.target.closest("[data-sp-room]");
    if (!link || !show(link.dataset.spRoom, true)) return;
    event.preventDefault();
    history.pushState({}, "", addressOf(link.dataset.spRoom));
  });
  document.addEventListener("keydown", (event) => {
    const open = panel() && panel().firstElementChild;
    if (event.key === "Escape" && open && !document.querySelector("dialog[open]")) close();
  });
  window.addEventListener("popstate", () => {
    if (!plan()) return;
    const id = new URL(location.href).searchParams.get("room");
    if (!id) { panel().replaceChildren(); mark(""); } else show(id, false);
  });
  document.addEventListener("change", (event) => {
    const day = event.target.closest && event.target.closest("[data-sp-day]");
    if (day && event.target.value) day.requestSubmit ? day.requestSubmit() : day.submit();
    const file = event.target.matches && event.target.matches("input[type=file]") && event.target.closest("form");
    const name = file && file.querySelector("[data-sp-file-name]");
    if (name) name.textContent = event.target.files.length ? event.target.files[0].name : "未选文件";
  });
}());
