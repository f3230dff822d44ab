/** The supporter's picture: initials on a colour that stays the same for the same name. */
import { h } from "../element.js";

const HUES = 6;

export function initials(name) {
  const words = name.trim().split(/\s+/);
  const letters =
    words.length > 1 ? [words[0], words.at(-1)].map((word) => [...word][0]) : [...words[0]].slice(0, 1);
  return letters.join("").toLocaleUpperCase();
}

export function paintAvatar(node, name) {
  const hue = [...name].reduce((sum, letter) => sum + letter.codePointAt(0), 0) % HUES;
  node.textContent = initials(name);
  node.className = `avatar hue-${hue}`;
}

export function avatar(name) {
  const node = h("span", { "aria-hidden": "true" });
  paintAvatar(node, name);
  return node;
}
