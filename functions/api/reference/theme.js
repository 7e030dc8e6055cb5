// Runs before the first paint, from a file of its own so that the Content-Security-Policy needs no inline script.
(function () {
  var kept = null;
  try {
    kept = window.localStorage.getItem("brightrun.theme");
  } catch {
    // storage can be forbidden; the system's choice holds then
  }
  var dark = kept === "dark" || (kept !== "light" && window.matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.theme = dark ? "dark" : "light";
})();
