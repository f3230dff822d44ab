/**
 * The knowledge base beside the chat: entries by category, and a box that searches them. On a wide
 * page it stands next to the conversation, on a small one it covers it.
 */
import { entries, suggest } from "../connection/api.js";
import { h, icon, iconButton } from "../element.js";
import { t } from "../language/catalogue.js";

const PAGE_OF_ENTRIES = 200;
// Beyond this many, the list is a beginning and the search box the way on.
const MOST_LISTED = 1_000;
const MOST_FOUND = 20;
const wide = window.matchMedia("(min-width: 62rem)");

export class Browse {
  /** `pick(id, title)` is called with the entry a person wants to read. */
  constructor({ place, dialog, pick }) {
    Object.assign(this, { dialog, pick });
    this.listed = null;
    this.button = iconButton("collection", "", {
      "aria-expanded": "false",
      "aria-controls": dialog.id,
      "data-testid": "browse-button",
    });
    this.button.addEventListener("click", () => (dialog.open ? dialog.close() : this.open()));
    place.prepend(this.button);
    dialog.addEventListener("close", () => this.#closed());
    dialog.addEventListener("keydown", (event) => event.key === "Escape" && dialog.close());
    wide.addEventListener("change", () => dialog.open && dialog.close());
    this.draw();
  }

  /** Writes the panel in the language being spoken. */
  draw() {
    this.button.setAttribute("aria-label", t("browse.open"));
    this.button.title = t("browse.open");
    this.search = h("input", {
      type: "search",
      class: "form-control",
      placeholder: t("browse.search"),
      "aria-label": t("browse.search"),
      "data-testid": "browse-search",
    });
    this.search.addEventListener("input", () => this.#find());
    this.list = h("div", { class: "browse-list", "data-testid": "browse-list" });
    this.dialog.setAttribute("aria-label", t("browse.open"));
    this.dialog.replaceChildren(
      h(
        "div",
        { class: "browse-head" },
        h("h2", {}, t("browse.open")),
        iconButton("x-lg", t("browse.close"), {
          "data-testid": "browse-close",
          on: { click: () => this.dialog.close() },
        }),
      ),
      h("div", { class: "browse-search" }, this.search),
      this.list,
    );
    if (this.listed) this.#showCategories();
  }

  async open() {
    if (wide.matches) this.dialog.show();
    else this.dialog.showModal();
    document.documentElement.classList.add("browsing");
    this.button.setAttribute("aria-expanded", "true");
    this.search.focus();
    if (!this.listed) await this.#load();
  }

  #closed() {
    document.documentElement.classList.remove("browsing");
    this.button.setAttribute("aria-expanded", "false");
    if (this.dialog.contains(document.activeElement) || document.activeElement === document.body)
      this.button.focus();
  }

  async #load() {
    this.list.replaceChildren(h("p", { class: "hint", role: "status" }, t("browse.loading")));
    try {
      const found = [];
      let cursor = null;
      do {
        const page = await entries({ limit: PAGE_OF_ENTRIES, ...(cursor ? { cursor } : {}) });
        found.push(...(page.entries ?? page.items ?? []));
        cursor = page.next_cursor ?? page.next ?? null;
      } while (cursor && found.length < MOST_LISTED);
      this.listed = found.filter((one) => one.kind !== "smalltalk" && one.title);
      this.isPart = Boolean(cursor);
      this.#showCategories();
    } catch {
      const again = h(
        "button",
        { type: "button", class: "btn btn-link btn-sm", on: { click: () => this.#load() } },
        t("status.retry"),
      );
      this.list.replaceChildren(h("p", { class: "hint", role: "alert" }, t("browse.failed"), " ", again));
    }
  }

  #showCategories() {
    const categories = new Map();
    for (const one of this.listed) {
      const category = one.tags?.[0] ?? initialOf(one.title);
      categories.set(category, [...(categories.get(category) ?? []), one]);
    }
    const sorted = [...categories].sort(([one], [other]) => one.localeCompare(other));
    this.list.replaceChildren(
      ...(sorted.length ? [] : [h("p", { class: "hint" }, t("browse.empty"))]),
      ...sorted.map(([category, members]) =>
        h(
          "details",
          { name: "category" },
          h(
            "summary",
            {},
            h("span", { dir: "auto" }, heading(category, members)),
            h("span", { class: "count" }, members.length),
          ),
          this.#links(members),
        ),
      ),
      this.isPart ? h("p", { class: "hint" }, t("browse.part", { n: this.listed.length })) : "",
    );
  }

  #links(members) {
    return h(
      "ul",
      { role: "list" },
      ...members.map((one) =>
        h(
          "li",
          {},
          h(
            "button",
            {
              type: "button",
              class: "browse-entry",
              "data-testid": "browse-entry",
              on: { click: () => this.#choose(one) },
            },
            h("span", { dir: "auto" }, one.title),
          ),
        ),
      ),
    );
  }

  async #find() {
    const typed = this.search.value.trim();
    if (!typed) return this.listed && this.#showCategories();
    const words = typed.toLocaleLowerCase().split(/\s+/);
    const matches = ({ title, tags = [] }) =>
      words.every((word) => `${title} ${tags.join(" ")}`.toLocaleLowerCase().includes(word));
    const found = (this.listed ?? []).filter(matches).slice(0, MOST_FOUND);
    const more = await suggest(typed, MOST_FOUND).catch(() => ({ suggestions: [] }));
    if (this.search.value.trim() !== typed) return;
    const known = new Set(found.map(({ id }) => id));
    const all = [...found, ...(more.suggestions ?? []).filter(({ id }) => !known.has(id) && known.add(id))];
    this.list.replaceChildren(
      all.length ? this.#links(all) : h("p", { class: "hint" }, t("browse.nothing", { words: typed })),
    );
  }

  #choose({ id, title }) {
    if (!wide.matches) this.dialog.close();
    this.pick(id, title);
  }
}

// Without tags, the first letter or digit: a dictionary's order is an order, too.
const initialOf = (title) => (/[\p{L}\p{N}]/u.exec(title)?.[0] ?? "#").toLocaleUpperCase();

// A tag is written small and plain: its words are spelled as the titles below it mostly spell them,
// so that "wifi" reads Wi-Fi and "macos" macOS.
function heading(tag, members) {
  // What stands first in a title is capital in any case and says nothing.
  const written = members.flatMap(({ title }) => title.split(/[\s/(),.:]+/).slice(1));
  const [first, ...others] = tag.split(/[-_\s]+/).map((word) => mostly(word, written));
  return [/\p{Lu}/u.test(first) ? first : capital(first), ...others].join(" ");
}

function mostly(word, written) {
  const times = new Map();
  for (const one of written) {
    const plain = one.replace(/[^\p{L}\p{N}]/gu, "").toLocaleLowerCase();
    if (plain === word) times.set(one, (times.get(one) ?? 0) + 1);
  }
  return [...times].sort(([, one], [, other]) => other - one)[0]?.[0] ?? word;
}

const capital = (word) => word.charAt(0).toLocaleUpperCase() + word.slice(1);
