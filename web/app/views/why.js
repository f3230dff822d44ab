/** "Why this answer?": what the server saw in the question, what it compared, and how sure it is. */
import { h, icon } from "../element.js";
import { locale, t } from "../language/catalogue.js";

const MOST_WORDS = 8;

export class WhyView {
  constructor(item) {
    const id = `why-${item.id}`;
    this.panel = h("div", { class: "why", id, hidden: true, "data-testid": "why-panel" });
    this.button = h(
      "button",
      {
        type: "button",
        class: "btn btn-sm btn-quiet",
        "aria-expanded": "false",
        "aria-controls": id,
        "data-testid": "why",
      },
      icon("question-circle"),
      t(item.kind === "answer" ? "why.answer" : "why.reply"),
    );
    this.button.addEventListener("click", () => {
      if (!this.panel.childElementCount) this.panel.append(...explain(item.body));
      this.panel.hidden = !this.panel.hidden;
      this.button.setAttribute("aria-expanded", String(!this.panel.hidden));
      if (!this.panel.hidden) this.panel.scrollIntoView({ block: "nearest" });
    });
  }
}

const percent = (share) =>
  new Intl.NumberFormat(locale(), { style: "percent", maximumFractionDigits: 0 }).format(share);
const number = (value) => new Intl.NumberFormat(locale(), { maximumFractionDigits: 3 }).format(value);

const line = (words) => h("p", { dir: "auto" }, words);

function explain({ confidence, question = {}, hits = [], explanation = {} }) {
  const {
    matched: terms = [],
    unknown_words: unknown = [],
    context = [],
    thresholds,
    word_for_word: pinned,
  } = explanation;
  // Parts of words, between slashes, stand under all the numbers.
  const matched = terms.filter(({ term }) => !/^\/.*\/$/.test(term));
  return [
    typeof confidence === "number" && line(t("why.confidence", { percent: percent(confidence) })),
    thresholds &&
      line(t("why.thresholds", { answer: percent(thresholds.answer), suggest: percent(thresholds.suggest) })),
    pinned && line(t("why.pinned")),
    question.corrected && line(t("why.corrected", { text: question.corrected })),
    question.used_context && line(t("why.context", { words: context.map(({ word }) => word).join(", ") })),
    matched.length &&
      line(
        t("why.matched", {
          words: matched
            .slice(0, MOST_WORDS)
            .map(({ term }) => term)
            .join(", "),
        }),
      ),
    unknown.length && line(t("why.unknown", { words: unknown.join(", ") })),
    hits.length && h("p", { class: "small-heading" }, t("why.compared")),
    hits.length &&
      h(
        "ol",
        { class: "compared" },
        ...hits.map((hit) =>
          h(
            "li",
            {},
            h("span", { dir: "auto" }, hit.title),
            " ",
            h("span", { class: "score" }, number(hit.score)),
          ),
        ),
      ),
    numbers(explanation),
  ].filter(Boolean);
}

// For those who tune the knowledge base: everything the server said, as it said it.
function numbers(explanation) {
  const rows = Object.entries(explanation).filter(([, value]) => value !== null && written(value) !== "");
  if (!rows.length) return null;
  return h(
    "details",
    { class: "numbers" },
    h("summary", {}, t("why.numbers")),
    h(
      "dl",
      { class: "explanation" },
      ...rows.flatMap(([key, value]) => [h("dt", {}, spaced(key)), h("dd", {}, written(value))]),
    ),
  );
}

const spaced = (key) => key.replaceAll("_", " ");

function written(value) {
  if (typeof value === "number") return number(value);
  if (Array.isArray(value)) return value.map(written).join("; ");
  if (value && typeof value === "object") {
    return Object.entries(value)
      .map(([key, part]) => `${spaced(key)} ${written(part)}`)
      .join(", ");
  }
  return String(value);
}
