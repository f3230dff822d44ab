/** The lists under the plots: what to write, what to mend, what to look at. */
import { h } from "../element.js";
import { t } from "../language/catalogue.js";
import { calendarDate } from "../language/clock.js";
import { number } from "./plots.js";

const SHOWN_FIRST = 10;

/** One panel a list; an empty list says so in its own words. */
export function lists({ unanswered, worst_rated: worst, accepted, slowest, entries, feedback }) {
  return [
    panel("unanswered", unanswered, ["question", "people", "asked", "why", "nearest"], (row) => [
      gap(row),
      number(row.people),
      number(row.asked),
      Object.entries(row.reasons)
        .map(([reason, n]) => t("staff.timesReason", { n: number(n), reason: t(`reason.${reason}`) }))
        .join(", "),
      each(row.nearest.map(({ id, title }) => entryLink(id, title))),
    ]),
    panel("worst", worst, ["entry", "up", "down", "comments"], (row) => [
      entryLink(row.entry_id, row.title),
      number(row.helpful),
      number(row.unhelpful),
      each(row.comments.map((comment) => h("q", { dir: "auto" }, comment))),
    ]),
    panel("accepted", accepted, ["question", "entry", "people"], (row) => [
      words(row.question),
      entryLink(row.entry_id, row.title),
      number(row.people),
    ]),
    panel("slowest", slowest, ["question", "took", "outcome", "when"], (row) => [
      words(row.question),
      t("staff.ms", { n: number(Math.round(row.took_ms * 10) / 10) }),
      t(`outcome.${row.outcome}`),
      calendarDate(row.asked_at.slice(0, 10)),
    ]),
    panel("given", entries, ["entry", "asked", "up", "down"], (row) => [
      entryLink(row.entry_id, row.title),
      number(row.asked),
      number(row.helpful),
      number(row.unhelpful),
    ]),
    panel("comments", feedback.comments, ["comment", "vote", "question", "entry", "when"], (row) => [
      words(row.comment),
      t(row.helpful ? "feedback.helpful" : "feedback.unhelpful"),
      words(row.question ?? "–"),
      row.entry_id ? entryLink(row.entry_id, row.title) : "–",
      calendarDate(row.given_at.slice(0, 10)),
    ]),
  ];
}

function panel(name, rows, headings, cells) {
  const title = t(`staff.list.${name}`);
  const parts = [h("h3", {}, title), h("p", { class: "hint" }, t(`staff.hint.${name}`))];
  if (!rows.length) parts.push(h("p", { class: "empty" }, t("staff.empty")));
  else parts.push(...tableOf(title, rows, headings, cells));
  return h("section", { class: "panel", "data-testid": `list-${name}` }, ...parts);
}

function tableOf(title, rows, headings, cells) {
  const lines = rows.map((row, at) => {
    const [first, ...others] = cells(row);
    return h(
      "tr",
      { hidden: at >= SHOWN_FIRST },
      h("th", { scope: "row" }, first),
      ...others.map((cell, n) => h("td", { class: `of-${headings[n + 1]}`, "data-label": t(`staff.column.${headings[n + 1]}`) }, cell)),
    );
  });
  const head = headings.map((name) => h("th", { scope: "col" }, t(`staff.column.${name}`)));
  const table = h(
    "div",
    { class: "table-responsive", role: "region", tabindex: 0, "aria-label": title },
    h("table", { class: "table list" }, h("thead", {}, h("tr", {}, ...head)), h("tbody", {}, ...lines)),
  );
  if (rows.length <= SHOWN_FIRST) return [table];
  const more = h(
    "button",
    { type: "button", class: "btn btn-sm btn-link" },
    t("staff.more", { n: rows.length - SHOWN_FIRST }),
  );
  more.addEventListener("click", () => {
    for (const line of lines) line.hidden = false;
    more.remove();
    lines[SHOWN_FIRST].querySelector("a, summary")?.focus();
  });
  return [table, more];
}

/** A question that was missed; its other wordings fold out. */
function gap({ question, phrasings }) {
  if (phrasings.length < 2) return words(question);
  return h(
    "details",
    {},
    h("summary", {}, words(question), h("span", { class: "count" }, ` ${t("staff.wordings", { n: phrasings.length })}`)),
    each(phrasings.map((one) => words(`${one.question} (${number(one.asked)})`))),
  );
}

const words = (text) => h("span", { dir: "auto" }, text);

// A null title says that the entry is gone; a row without one never had it.
const entryLink = (id, title = id) =>
  h("a", { href: `#${new URLSearchParams({ entry: id })}`, dir: "auto" }, title ?? `${id} ${t("staff.gone")}`);

const each = (items) => (items.length ? h("ul", { role: "list" }, ...items.map((item) => h("li", {}, item))) : "–");
