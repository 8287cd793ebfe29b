/* The bell asks once a minute how many notices are unread, as long as somebody looks at the page.
   By fetch and not by HTMX: a lost net or an ended session is no fault of the page then, and the
   header tells the server that asking is not working (the idle limit goes on). */
(function () {
  "use strict";

  const MINUTE = 60 * 1000;
  const bell = document.querySelector("[data-bell]");
  if (!bell || !bell.dataset.bell) return;
  let last = Date.now();
  let timer = 0;

  async function ask() {
    if (document.visibilityState !== "visible" || !navigator.onLine) return;
    last = Date.now();
    try {
      const answer = await fetch(bell.dataset.bell, { credentials: "same-origin", headers: { "X-Guanjia-Poll": "1" } });
      if (answer.redirected) { clearInterval(timer); return; } // signed out: the next click says so
      if (answer.ok) bell.innerHTML = await answer.text();
    } catch (_) { /* no net: the next minute asks again */ }
  }

  timer = setInterval(ask, MINUTE);
  document.addEventListener("visibilitychange", () => { if (Date.now() - last >= MINUTE) ask(); });
})();
