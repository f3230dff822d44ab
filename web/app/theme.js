/** Light, dark, or as the system is; Bootstrap and our own styles read `data-bs-theme`. */
import { lasting } from "./storage.js";

const KEPT_AS = "firstline.theme";
const dark = window.matchMedia("(prefers-color-scheme: dark)");

/** "auto", "light" or "dark". */
export const chosenTheme = () => lasting.read(KEPT_AS) ?? "auto";

export function chooseTheme(theme) {
  if (theme === "auto") lasting.remove(KEPT_AS);
  else lasting.write(KEPT_AS, theme);
  applyTheme();
}

export function applyTheme() {
  const theme = chosenTheme();
  const shown = theme === "auto" ? (dark.matches ? "dark" : "light") : theme;
  document.documentElement.dataset.bsTheme = shown;
}

dark.addEventListener("change", applyTheme);
