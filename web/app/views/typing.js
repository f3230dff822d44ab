/** "Mia is typing": shown while a reply is on its way, and long enough to be seen. */
import { h } from "../element.js";
import { t } from "../language/catalogue.js";
import { avatar } from "./avatar.js";

const SEEN_MS = 350;

export class Typing {
  constructor(name) {
    this.name = name;
    this.shownAt = 0;
    this.node = null;
  }

  show(parent) {
    if (this.node) return;
    this.shownAt = Date.now();
    this.node = h(
      "div",
      { class: "message from-supporter typing", "data-testid": "typing" },
      avatar(this.name()),
      h(
        "div",
        { class: "bubble" },
        h("span", { class: "visually-hidden" }, t("typing", { name: this.name() })),
        h("span", { class: "dots", "aria-hidden": "true" }, h("i"), h("i"), h("i")),
      ),
    );
    parent.append(this.node);
  }

  hide() {
    this.node?.remove();
    this.node = null;
  }

  /** How long the indicator still has to stay, so that it is a sign and not a flicker. */
  remainingMs() {
    const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    return this.node && !still ? Math.max(0, this.shownAt + SEEN_MS - Date.now()) : 0;
  }
}
