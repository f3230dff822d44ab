/** "Why this answer?": what the server saw in the question, what it compared, and how sure it is. */
import { h, icon } from "../element.js";
import { locale, t } from "../language/catalogue.js";

export class WhyView {
  constructor(item) {
    const id = `why-${item.id}`;
    this.panel = h("div", { class: "why", id, hidden: true, "data-testid": "why-panel" });
    this.button = h(
      "button",
      { type: "button", class: "btn btn-sm btn-quiet", "aria-expanded": "false", "aria-controls": id, "data-testid": "why" },
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

const percent = (share) => new Intl.NumberFormat(locale(), { style: "percent", maximumFractionDigits: 0 }).format(share);
const number = (value) => new Intl.NumberFormat(locale(), { maximumFractionDigits: 3 }).format(value);

function explain({ confidence, question = {}, hits = [], explanation }) {
  return [
    typeof confidence === "number" && h("p", {}, t("why.confidence", { percent: percent(confidence) })),
    question.corrected && h("p", {}, t("why.corrected", { text: question.corrected })),
    question.used_context && h("p", {}, t("why.context")),
    hits.length && h("p", { class: "small-heading" }, t("why.compared")),
    hits.length &&
      h(
        "ol",
        { class: "compared" },
        ...hits.map((hit) => h("li", {}, h("span", { dir: "auto" }, hit.title), " ", h("span", { class: "score" }, number(hit.score)))),
      ),
    explanation && details(explanation),
  ].filter(Boolean);
}

// The explanation may grow fields; what the page has no words for is shown as it came.
function details(explanation) {
  const rows = Object.entries(explanation).filter(([, value]) => value !== null && value !== undefined);
  return h(
    "dl",
    { class: "explanation" },
    ...rows.flatMap(([key, value]) => [h("dt", {}, key.replaceAll("_", " ")), h("dd", {}, written(value))]),
  );
}

function written(value) {
  if (typeof value === "number") return number(value);
  if (Array.isArray(value)) return value.map(written).join(", ") || "–";
  if (value && typeof value === "object") {
    return Object.entries(value).map(([key, part]) => `${key.replaceAll("_", " ")}: ${written(part)}`).join("; ") || "–";
  }
  return String(value);
}
