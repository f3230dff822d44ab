/** The knowledge base as a list: entries by category, and a box that searches them. */
import { entries, suggest } from "../connection/api.js";
import { h } from "../element.js";
import { t } from "../language/catalogue.js";

const PAGE_OF_ENTRIES = 200;
// Beyond this many, the list is a beginning and the search box the way on.
const MOST_LISTED = 1_000;
const MOST_FOUND = 20;

export class EntryList {
  /** `choose({ id, title })` is called with the entry a person wants to read. */
  constructor(choose) {
    this.choose = choose;
    this.listed = null;
    this.draw();
  }

  /** Builds search box and list in the language being spoken; the owner places both. */
  draw() {
    this.search = h("input", {
      type: "search",
      class: "form-control",
      placeholder: t("browse.search"),
      "aria-label": t("browse.search"),
      "data-testid": "browse-search",
    });
    this.search.addEventListener("input", () => this.#find());
    this.list = h("div", { class: "browse-list", "data-testid": "browse-list" });
    if (this.listed) this.#showCategories();
  }

  /** Reads the entries, once. */
  async load() {
    if (this.listed) return;
    this.list.replaceChildren(h("p", { class: "hint", role: "status" }, t("browse.loading")));
    try {
      const found = [];
      let cursor = null;
      do {
        const page = await entries({ limit: PAGE_OF_ENTRIES, ...(cursor ? { cursor } : {}) });
        found.push(...page.entries);
        cursor = page.next_cursor;
      } while (cursor && found.length < MOST_LISTED);
      this.listed = found;
      this.isPart = Boolean(cursor);
      // Somebody may have typed in the meantime: what was found stays, now among all titles.
      this.#find();
    } catch {
      const again = h(
        "button",
        { type: "button", class: "btn btn-link btn-sm", on: { click: () => this.load() } },
        t("status.retry"),
      );
      this.list.replaceChildren(h("p", { class: "hint", role: "alert" }, t("browse.failed"), " ", again));
    }
  }

  #showCategories() {
    const categories = new Map();
    for (const one of this.listed) {
      const category = one.tags[0] ?? initialOf(one.title);
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
              on: { click: () => this.choose(one) },
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
    const matches = ({ id, title, tags }) =>
      words.every((word) => `${id} ${title} ${tags.join(" ")}`.toLocaleLowerCase().includes(word));
    const found = (this.listed ?? []).filter(matches).slice(0, MOST_FOUND);
    const more = await suggest(typed, MOST_FOUND).catch(() => ({ suggestions: [] }));
    if (this.search.value.trim() !== typed) return;
    const known = new Set(found.map(({ id }) => id));
    const all = [...found, ...more.suggestions.filter(({ id }) => !known.has(id) && known.add(id))];
    this.list.replaceChildren(
      all.length ? this.#links(all) : h("p", { class: "hint" }, t("browse.nothing", { words: typed })),
    );
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
