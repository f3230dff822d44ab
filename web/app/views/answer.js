/** An answer: title, text, and where it comes from. */
import { h, icon } from "../element.js";
import { t } from "../language/catalogue.js";
import { calendarDate } from "../language/clock.js";
import { sanitised } from "./sanitised.js";
import { suggestionButtons } from "./suggestions.js";

export function answerBody(answer, pick) {
  // Written in the knowledge base's language, whatever language the page speaks.
  const lang = answer.language;
  const body = h("div", { class: "answer-body", dir: "auto", lang, "data-testid": "answer-body" });
  if (answer.html) body.append(sanitised(answer.html, pick));
  else body.append(...paragraphs(answer.text));
  return [
    answer.title &&
      h("h2", { class: "answer-title", dir: "auto", lang, "data-testid": "answer-title" }, answer.title),
    body,
    answer.section && whole(answer, pick),
    facts(answer),
  ].filter(Boolean);
}

/** Plain text with its blank lines kept as paragraphs. */
export function paragraphs(text) {
  return String(text ?? "")
    .split(/\n{2,}/)
    .map((part) => h("p", { dir: "auto" }, part));
}

function facts({ tags = [], updated, source }) {
  const items = [
    ...tags.map((tag) => h("li", { class: "tag" }, tag)),
    updated &&
      h(
        "li",
        { class: "updated", "data-testid": "updated" },
        t("answer.updated", { date: calendarDate(updated) }),
      ),
    source && h("li", {}, sourceOf(source)),
  ].filter(Boolean);
  return items.length
    ? h("ul", { class: "facts", role: "list", "aria-label": t("answer.facts") }, ...items)
    : null;
}

function sourceOf(source) {
  if (!/^https?:\/\//i.test(source)) return h("span", { class: "source" }, t("answer.source", { source }));
  const host = new URL(source).hostname.replace(/^www\./, "");
  return h(
    "a",
    { class: "source", href: source, target: "_blank", rel: "noopener noreferrer", "data-testid": "source" },
    t("answer.source", { source: host }),
    h("span", { class: "visually-hidden" }, ` (${t("link.newTab")})`),
    icon("box-arrow-up-right"),
  );
}

/** The way from the section that answers to the whole article. */
function whole({ id, title }, pick) {
  const label = t("answer.whole", { title });
  return h("div", { "data-testid": "whole" }, suggestionButtons([{ id, title: label }], pick, label));
}

/** Entries that the author named beside this one. */
export function related({ related: entries = [], language }, pick) {
  if (!entries.length) return null;
  return h(
    "div",
    { class: "related", "data-testid": "related" },
    h("h3", { class: "small-heading" }, t("answer.related")),
    suggestionButtons(entries, pick, t("answer.related"), language),
  );
}
