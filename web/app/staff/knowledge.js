/** The knowledge base for those who write it: find an entry, read it whole, see how it is asked for. */
import { entry, Refused } from "../connection/api.js";
import { h, icon } from "../element.js";
import { t } from "../language/catalogue.js";
import { answerBody, related } from "../views/answer.js";
import { EntryList } from "../views/entrylist.js";

export class KnowledgeView {
  constructor() {
    this.element = h("div", { class: "knowledge" });
    this.entries = new EntryList(({ id }) => go(id));
    this.shown = null;
    this.draw();
  }

  draw() {
    this.entries.draw();
    this.article = h("article", { class: "sheet", tabindex: -1, "data-testid": "article" });
    this.element.replaceChildren(
      h(
        "section",
        { class: "finder", "aria-label": t("staff.entries") },
        h("div", { class: "browse-search" }, this.entries.search),
        this.entries.list,
      ),
      this.article,
    );
    this.shown = null;
  }

  async show(id) {
    this.entries.load();
    this.element.classList.toggle("reading", Boolean(id));
    if (!id) {
      this.shown = null;
      return this.article.replaceChildren(h("p", { class: "hint" }, t("staff.choose")));
    }
    if (id === this.shown) return;
    this.shown = id;
    try {
      const found = await entry(id);
      if (this.shown === id) this.article.replaceChildren(...sheetOf(found));
    } catch (error) {
      const words = error instanceof Refused ? error.message : t("staff.unreachable");
      this.article.replaceChildren(back(), h("p", { class: "trouble", role: "alert" }, words));
      this.shown = null;
    }
    window.scrollTo(0, 0);
    this.article.focus({ preventScroll: true });
  }
}

const go = (id) => {
  location.hash = new URLSearchParams({ entry: id }).toString();
};

const back = () => h("a", { class: "back", href: "#entries" }, t("staff.back"));

function sheetOf(found) {
  const facts = [
    [t("staff.id"), found.id],
    [t("staff.platforms"), found.platforms.join(", ")],
    [t("staff.language"), found.language],
  ];
  return [
    back(),
    h(
      "dl",
      { class: "explanation" },
      ...facts.filter(([, value]) => value).flatMap(([key, value]) => [h("dt", {}, key), h("dd", {}, value)]),
    ),
    ...answerBody(found, go),
    related(found, go) ?? "",
    h("h3", { class: "small-heading" }, t("staff.phrasings", { n: found.questions.length })),
    h(
      "ul",
      { class: "phrasings", lang: found.language, "data-testid": "phrasings" },
      ...found.questions.map((question) => h("li", { dir: "auto" }, question)),
    ),
    h(
      "p",
      {},
      h(
        "a",
        { class: "btn btn-sm btn-outline-accent", href: `./#${new URLSearchParams({ entry: found.id })}` },
        icon("box-arrow-up-right"),
        t("staff.inChat"),
      ),
    ),
  ];
}
