/** Moments as people say them: "2 minutes ago", "today", a full date on hover. */
import { locale } from "./catalogue.js";
import { h } from "../element.js";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** "now", "5 minutes ago", then the time of day: a day separator above says which day. */
export function sinceThen(moment, now = Date.now()) {
  const words = new Intl.RelativeTimeFormat(locale(), { numeric: "auto" });
  const age = now - moment;
  if (age < MINUTE) return words.format(0, "second");
  if (age < HOUR) return words.format(-Math.floor(age / MINUTE), "minute");
  return new Intl.DateTimeFormat(locale(), { timeStyle: "short" }).format(moment);
}

/** The whole date and time. */
export function inFull(moment) {
  return new Intl.DateTimeFormat(locale(), { dateStyle: "full", timeStyle: "short" }).format(moment);
}

/** A calendar date ("2026-11-22") in the language's form; what is no date stays as written. */
export function calendarDate(text) {
  const [year, month, day] = String(text).split("-").map(Number);
  const date = new Date(year, month - 1, day);
  if (Number.isNaN(date.getTime())) return String(text);
  return new Intl.DateTimeFormat(locale(), { dateStyle: "medium" }).format(date);
}

/** The day of a moment: "Today", "Yesterday", or its date. */
export function dayOf(moment, now = Date.now()) {
  const days = Math.round((midnight(now) - midnight(moment)) / (24 * HOUR));
  if (days <= 1) {
    const word = new Intl.RelativeTimeFormat(locale(), { numeric: "auto" }).format(-days, "day");
    return word.charAt(0).toLocaleUpperCase(locale()) + word.slice(1);
  }
  return new Intl.DateTimeFormat(locale(), { dateStyle: "full" }).format(moment);
}

/** Whether two moments fall on one day of the reader's calendar. */
export const sameDay = (one, other) => midnight(one) === midnight(other);

/** A `<time>` that `refreshTimes` keeps current. */
export function timeStamp(moment) {
  const node = h("time", { class: "when", datetime: new Date(moment).toISOString(), title: inFull(moment) });
  node.textContent = sinceThen(moment);
  return node;
}

/** Brings every shown time up to date. */
export function refreshTimes(root) {
  for (const node of root.querySelectorAll("time.when")) {
    const words = sinceThen(Date.parse(node.dateTime));
    if (node.textContent !== words) node.textContent = words;
  }
}

function midnight(moment) {
  const date = new Date(moment);
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
}
