/** What people asked and what became of it: figures, plots over time, and what to write next. */
import { insights, Refused } from "../connection/api.js";
import { h } from "../element.js";
import { locale, t } from "../language/catalogue.js";
import { lists } from "./lists.js";
import { columns, line, number, percent } from "./plots.js";

const SPANS = [7, 30, 90, 365];
const FIRST_SPAN = 30;
// More columns than this cannot be told apart: weeks are shown instead of days.
const MOST_DAYS = 92;
const OUTCOMES = ["answer", "suggestions", "no_answer", "smalltalk"];

export class InsightsView {
  constructor(door, announcer) {
    Object.assign(this, { door, announcer });
    this.days = FIRST_SPAN;
    this.figures = null;
    this.element = h("div", { class: "insights" });
    this.draw();
  }

  draw() {
    this.span = h(
      "select",
      { class: "form-select", "data-testid": "span" },
      ...SPANS.map((days) => h("option", { value: days, selected: days === this.days }, t("staff.lastDays", { n: days }))),
    );
    this.span.addEventListener("change", () => {
      this.days = Number(this.span.value);
      this.show();
    });
    const again = h(
      "button",
      { type: "button", class: "btn btn-outline-accent", "data-testid": "again", on: { click: () => this.show() } },
      t("staff.again"),
    );
    this.body = h("div", { class: "figures" });
    this.element.replaceChildren(
      h("div", { class: "head" }, h("h2", {}, t("staff.insights")), h("label", {}, t("staff.span"), this.span), again),
      this.body,
    );
    if (this.figures) this.#write();
  }

  async show() {
    const asked = this.days;
    if (!this.figures) this.#note(t("browse.loading"), "status");
    this.body.setAttribute("aria-busy", "true");
    try {
      const figures = await insights(asked, this.door.token);
      if (asked !== this.days) return;
      this.figures = figures;
      this.#write();
      this.announcer.say(t("staff.read", { n: number(figures.questions) }));
    } catch (error) {
      if (error instanceof Refused && error.code === "unauthorized") return this.door.refused(error);
      this.figures = null;
      this.#note(error instanceof Refused ? error.message : t("staff.unreachable"), "alert");
    }
    this.body.removeAttribute("aria-busy");
  }

  #note(words, role) {
    this.body.replaceChildren(h("p", { class: role === "alert" ? "trouble" : "hint", role, "data-testid": "note" }, words));
  }

  #write() {
    const { figures } = this;
    if (!figures.questions) return this.#note(t("staff.nothing"), "status");
    const rows = this.figures.per_day.length > MOST_DAYS ? weeks(figures.per_day) : figures.per_day;
    const days = rows.map((row) => ({ ...row, label: dateOf(row.day) }));
    this.body.replaceChildren(
      tiles(figures),
      columns({
        title: t(rows.length < figures.per_day.length ? "staff.perWeek" : "staff.perDay"),
        rows: days.map((row) => ({ label: row.label, parts: row })),
        parts: Object.fromEntries(OUTCOMES.map((outcome) => [outcome, t(`outcome.${outcome}`)])),
      }),
      line({
        title: t("staff.rateOverTime"),
        said: t("staff.answerRate"),
        rows: days.map(({ label, answer_rate: share }) => ({ label, share })),
      }),
      ...lists(figures),
    );
  }
}

function tiles({ questions, sessions, answer_rate: rate, outcomes, feedback }) {
  const votes = feedback.helpful + feedback.unhelpful;
  const tile = (words, value, more = "") =>
    h("div", { class: "tile" }, h("dt", {}, words), h("dd", {}, value, h("span", { class: "more" }, more)));
  return h(
    "dl",
    { class: "tiles", "data-testid": "tiles" },
    tile(t("staff.questions"), number(questions), t("staff.conversations", { n: sessions })),
    tile(t("staff.answerRate"), rate === null ? "–" : percent(rate), t("staff.withoutSmalltalk")),
    tile(t("outcome.no_answer"), number(outcomes.no_answer ?? 0), share(outcomes.no_answer, questions)),
    tile(
      t("staff.helpful"),
      votes ? percent(feedback.helpful / votes) : "–",
      t("staff.votes", { up: number(feedback.helpful), down: number(feedback.unhelpful) }),
    ),
  );
}

const share = (part = 0, whole) => t("staff.shareOf", { percent: percent(part / whole) });

/** Seven days in one row; the week is named by its first day. */
function weeks(days) {
  const rows = [];
  for (let at = 0; at < days.length; at += 7) {
    const week = days.slice(at, at + 7);
    const sum = (name) => week.reduce((total, day) => total + day[name], 0);
    const row = { day: week[0].day, ...Object.fromEntries(OUTCOMES.map((name) => [name, sum(name)])) };
    const wanting = row.answer + row.suggestions + row.no_answer;
    rows.push({ ...row, answer_rate: wanting ? row.answer / wanting : null });
  }
  return rows;
}

// The journal counts days in UTC.
const dateOf = (day) =>
  new Intl.DateTimeFormat(locale(), { day: "numeric", month: "short", timeZone: "UTC" }).format(Date.parse(day));
