/**
 * Questions that match what is typed so far, above the box. Arrow down goes into the list; Enter
 * takes the one that is marked and otherwise sends what was typed, as always.
 */
import { suggest } from "../connection/api.js";
import { h, icon } from "../element.js";
import { t } from "../language/catalogue.js";

const FEWEST_CHARACTERS = 2;
const PAUSE_MS = 140;
const MOST = 5;

export class Typeahead {
  /** `pick(id, title)` is called with the chosen one. */
  constructor({ input, list, announcer, pick }) {
    Object.assign(this, { input, list, announcer, pick });
    this.options = [];
    this.marked = -1;
    this.timer = 0;
    this.request = null;
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-controls", list.id);
    input.addEventListener("input", () => this.#soon());
    // Before the composer's own listener: what the list uses, the box must not act on.
    input.addEventListener("keydown", (event) => this.#key(event), { capture: true });
    input.addEventListener("blur", () => this.close());
    list.addEventListener("pointerdown", (event) => event.preventDefault());
    list.addEventListener("click", (event) => this.#choose(event.target.closest("[role=option]")));
  }

  close() {
    clearTimeout(this.timer);
    this.request?.abort();
    this.list.hidden = true;
    this.options = [];
    this.#mark(-1);
  }

  #soon() {
    clearTimeout(this.timer);
    const typed = this.input.value.trim();
    if (typed.length < FEWEST_CHARACTERS || typed.includes("\n")) return this.close();
    this.timer = setTimeout(() => this.#look(typed), PAUSE_MS);
  }

  async #look(typed) {
    this.request?.abort();
    this.request = new AbortController();
    try {
      const found = await suggest(typed, MOST, this.request.signal);
      if (this.input.value.trim() !== typed || document.activeElement !== this.input) return;
      this.#show(found.suggestions ?? found.items ?? []);
    } catch {
      // Suggestions are a courtesy: without them the box works as before.
    }
  }

  #show(found) {
    this.options = found;
    this.#mark(-1);
    this.list.hidden = !found.length;
    this.list.replaceChildren(
      ...found.map((one, index) =>
        h(
          "li",
          {
            role: "option",
            id: `typeahead-${index}`,
            "aria-selected": "false",
            tabindex: -1,
            "data-testid": "typeahead-option",
          },
          icon("search"),
          h("span", { dir: "auto" }, wording(one)),
        ),
      ),
    );
    this.#fit();
    if (found.length) this.announcer.say(t("typeahead.found", { n: this.options.length }));
  }

  // As many as there is room for: a list that scrolls is no help while typing.
  #fit() {
    while (this.options.length > 1 && this.list.scrollHeight > this.list.clientHeight) {
      this.list.lastElementChild.remove();
      this.options = this.options.slice(0, -1);
    }
  }

  #key(event) {
    if (this.list.hidden || event.isComposing) return;
    const count = this.options.length;
    if (event.key === "ArrowDown" || (event.key === "ArrowUp" && this.marked >= 0)) {
      const step = event.key === "ArrowDown" ? 1 : -1;
      // One place before the first option is the box itself.
      this.#mark(((this.marked + 1 + step + count + 1) % (count + 1)) - 1);
    } else if (event.key === "Enter" && !event.shiftKey && this.marked >= 0) {
      this.#choose(this.list.children[this.marked]);
    } else if (event.key === "Escape") {
      this.close();
    } else {
      if (event.key === "Enter") this.close();
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }

  #mark(index) {
    this.marked = index;
    [...this.list.children].forEach((node, at) => node.setAttribute("aria-selected", String(at === index)));
    if (index < 0) this.input.removeAttribute("aria-activedescendant");
    else this.input.setAttribute("aria-activedescendant", `typeahead-${index}`);
    this.list.children[index]?.scrollIntoView({ block: "nearest" });
  }

  #choose(node) {
    const one = this.options[[...this.list.children].indexOf(node)];
    if (!one) return;
    this.close();
    this.pick(one.id, wording(one));
  }
}

// The phrasing that matched reads closest to what was typed; a title always exists.
const wording = (one) => one.phrase ?? one.question ?? one.text ?? one.title;
