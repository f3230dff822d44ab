/** The state of the line in words and colour; while waiting, a countdown and a way to hurry. */
import { h } from "../element.js";
import { t } from "../language/catalogue.js";

export class Status {
  constructor(node, link, announcer) {
    this.node = node;
    this.link = link;
    this.announcer = announcer;
    this.words = h("span");
    this.hurry = h("button", {
      type: "button",
      class: "btn btn-link btn-sm hurry",
      "data-testid": "retry-now",
    });
    this.hurry.addEventListener("click", () => link.retryNow());
    this.dot = h("span", { class: "dot", "aria-hidden": "true" });
    node.append(this.dot, this.words, this.hurry);
    link.addEventListener("state", () => this.draw());
    setInterval(() => link.retryAt && this.#count(), 1_000);
    this.said = "connecting";
    this.draw();
  }

  draw() {
    const { state } = this.link;
    this.node.dataset.state = state;
    this.hurry.textContent = t("status.retry");
    this.hurry.hidden = !this.link.retryAt;
    this.#count();
    this.#announce(state);
  }

  #count() {
    const seconds = Math.max(1, Math.ceil((this.link.retryAt - Date.now()) / 1_000));
    const counting = this.link.state === "reconnecting" && this.link.retryAt;
    this.words.textContent = counting
      ? t("status.reconnectingIn", { n: seconds })
      : t(`status.${this.link.state}`);
  }

  // A lost line is said once, not at every attempt, and so is its return.
  #announce(state) {
    const calm = state === "connecting" || (state === "reconnecting" && this.said === "offline");
    if (calm || state === this.said) return;
    const first = this.said === "connecting" && (state === "online" || state === "post");
    this.said = state;
    if (!first) this.announcer.say(t(`status.${state}`));
  }
}
