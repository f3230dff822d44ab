// Runs before anything is painted, so that a dark page never flashes white. A classic script:
// modules run too late. app/theme.js takes over from here.
(() => {
  let chosen = null;
  try {
    chosen = JSON.parse(localStorage.getItem("firstline.theme"));
  } catch {
    // No storage: as the system is.
  }
  const dark = window.matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.dataset.bsTheme = chosen ?? (dark ? "dark" : "light");
  if (new URLSearchParams(location.search).has("embed")) document.documentElement.classList.add("embedded");
})();
