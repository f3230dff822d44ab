/**
 * The door of the staff page: asks for the admin token and keeps it for as long as the tab is open.
 * Whether it is right only the server knows; it is asked for the figures of one day.
 */
import { insights, Refused } from "../connection/api.js";
import { h } from "../element.js";
import { t } from "../language/catalogue.js";
import { passing } from "../storage.js";

const KEPT_AS = "firstline.staff";

export class Door {
  /** `changed()` is called when somebody came in or left. */
  constructor(changed) {
    this.changed = changed;
    this.token = null;
    this.trouble = "";
    this.element = h("div", { class: "door" });
    this.draw();
  }

  get isOpen() {
    return this.token !== null;
  }

  /** Comes in with the token of before a reload, if there is one. */
  async tryKept() {
    const kept = passing.read(KEPT_AS);
    if (kept) await this.#enter(kept);
  }

  leave() {
    passing.remove(KEPT_AS);
    this.token = null;
    this.trouble = "";
    this.draw();
    this.changed();
    this.input.focus();
  }

  /** The server no longer takes the token. */
  refused(error) {
    this.leave();
    this.#say(wordsFor(error));
  }

  draw() {
    this.input = h("input", {
      type: "password",
      id: "token",
      class: "form-control",
      autocomplete: "current-password",
      required: true,
      "aria-describedby": "token-hint token-trouble",
      "data-testid": "token",
    });
    this.said = h("p", { id: "token-trouble", class: "trouble", role: "alert", "data-testid": "token-trouble" });
    this.said.textContent = this.trouble;
    const button = h("button", { class: "btn btn-accent", "data-testid": "enter" }, t("staff.enter"));
    const form = h(
      "form",
      { "aria-labelledby": "door-title" },
      h("h2", { id: "door-title" }, t("staff.door")),
      h("p", { id: "token-hint", class: "hint" }, t("staff.tokenHint")),
      h("label", { for: "token" }, t("staff.token")),
      this.input,
      this.said,
      button,
    );
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      button.disabled = true;
      if (await this.#enter(this.input.value.trim())) this.changed();
      button.disabled = false;
    });
    this.element.replaceChildren(form);
  }

  async #enter(token) {
    try {
      await insights(1, token);
    } catch (error) {
      // Figures that cannot be read just now say nothing against the token.
      const refused = error instanceof Refused;
      if (!refused || error.status === 401 || error.status === 429) {
        this.#say(refused ? wordsFor(error) : t("staff.unreachable"));
        return false;
      }
    }
    this.token = token;
    this.#say("");
    passing.write(KEPT_AS, token);
    return true;
  }

  #say(words) {
    this.trouble = words;
    this.said.textContent = words;
  }
}

const wordsFor = (error) =>
  error.status === 401 ? `${t("staff.refusedToken")} ${error.message}` : error.message;
