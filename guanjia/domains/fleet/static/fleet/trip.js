/* The page of a trip: a link to the trail opens it; what was refused comes into view. */
(function () {
  "use strict";
  const trail = document.getElementById("trail");
  const open = () => { trail.open = true; trail.scrollIntoView({ block: "start" }); };
  document.addEventListener("click", (event) => {
    const link = event.target instanceof Element && event.target.closest('a[href="#trail"]');
    if (!link || !trail) return;
    event.preventDefault();
    open();
  });
  if (trail && location.hash === "#trail") open();
  const refused = document.getElementById("refused");
  if (refused) refused.scrollIntoView({ block: "center" });
})();
