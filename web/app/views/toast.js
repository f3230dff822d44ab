/** A short word at the edge of the page that something was done. */
import { h } from "../element.js";

const STAYS_MS = 2_500;

export function toast(words, announcer) {
  document.querySelector(".toast-line")?.remove();
  const line = h("p", { class: "toast-line", "aria-hidden": "true" }, words);
  document.body.append(line);
  announcer.say(words);
  setTimeout(() => line.remove(), STAYS_MS);
}
