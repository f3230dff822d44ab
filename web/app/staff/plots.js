/**
 * Two plots over time as SVG: columns of parts, and a line of shares. Colours and text come from
 * the style sheet, so that they follow the theme; every plot has its figures as a table below it.
 */
import { h } from "../element.js";
import { locale, t } from "../language/catalogue.js";

const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 720;
const HEIGHT = 220;
const EDGE = { top: 12, right: 8, bottom: 26, left: 44 };
const INNER = { width: WIDTH - EDGE.left - EDGE.right, height: HEIGHT - EDGE.top - EDGE.bottom };
const DATES_SHOWN = 6;

/**
 * Columns: `rows` are `{ label, parts: { name: number } }`, `parts` the names from the bottom up
 * with their words.
 */
export function columns({ title, rows, parts }) {
  const totals = rows.map((row) => Object.keys(parts).reduce((sum, name) => sum + row.parts[name], 0));
  const scale = niceScale(Math.max(1, ...totals));
  const width = INNER.width / Math.max(1, rows.length);
  const marks = rows.map((row, at) => {
    let below = 0;
    const stack = Object.keys(parts).map((name) => {
      const height = (row.parts[name] / scale.top) * INNER.height;
      below += height;
      return svg("rect", {
        class: `part-${name}`,
        x: EDGE.left + at * width + gap(width) / 2,
        y: EDGE.top + INNER.height - below,
        width: Math.max(0.5, width - gap(width)),
        height,
      });
    });
    const words = Object.entries(parts).map(([name, said]) => `${said}: ${number(row.parts[name])}`);
    return svg("g", {}, svg("title", {}, [row.label, ...words].join("\n")), hitArea(at, width), ...stack);
  });
  const headings = [t("staff.day"), ...Object.values(parts)];
  const cells = rows.map((row) => [row.label, ...Object.keys(parts).map((name) => number(row.parts[name]))]);
  const legend = h(
    "ul",
    { class: "legend", role: "list" },
    ...Object.entries(parts).map(([name, words]) =>
      h("li", {}, h("span", { class: `swatch part-${name}`, "aria-hidden": "true" }), words),
    ),
  );
  return figure({ title, legend, drawn: [...grid(scale, number), ...marks, ...dates(rows, width)], headings, cells });
}

/** A line: `rows` are `{ label, share }` with a share from 0 to 1, or null where there is none. */
export function line({ title, said, rows }) {
  const width = INNER.width / Math.max(1, rows.length);
  const at = (share, place) => [
    EDGE.left + (place + 0.5) * width,
    EDGE.top + (1 - share) * INNER.height,
  ];
  // A day without questions leaves a gap: it is not a day without answers.
  const runs = [[]];
  rows.forEach(({ share }, place) => {
    if (share === null) runs.push([]);
    else runs.at(-1).push(at(share, place));
  });
  const lines = runs
    .filter((run) => run.length > 1)
    .map((run) => svg("polyline", { class: "share-line", points: run.map((point) => point.join(",")).join(" ") }));
  const dots = rows.map(({ label, share }, place) => {
    const words = `${label}: ${share === null ? t("staff.none") : percent(share)}`;
    const [x, y] = at(share ?? 0, place);
    const dot = share === null ? "" : svg("circle", { class: "share-dot", cx: x, cy: y, r: rows.length > 45 ? 1.5 : 3 });
    return svg("g", {}, svg("title", {}, words), hitArea(place, width), dot);
  });
  const drawn = [...grid({ top: 1, step: 0.25 }, percent), ...lines, ...dots, ...dates(rows, width)];
  const cells = rows.map(({ label, share }) => [label, share === null ? "–" : percent(share)]);
  return figure({ title, legend: "", drawn, headings: [t("staff.day"), said], cells });
}

function figure({ title, legend, drawn, headings, cells }) {
  const picture = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: "plot", role: "img" }, ...drawn);
  picture.setAttribute("aria-label", t("staff.plotOf", { title }));
  return h(
    "figure",
    { class: "panel" },
    h("figcaption", {}, h("h3", {}, title), legend),
    picture,
    h("details", {}, h("summary", {}, t("staff.asTable")), tableOf(title, headings, cells)),
  );
}

function tableOf(title, headings, cells) {
  return h(
    "div",
    { class: "table-responsive", role: "region", tabindex: 0, "aria-label": title },
    h(
      "table",
      { class: "table table-sm" },
      h("thead", {}, h("tr", {}, ...headings.map((words) => h("th", { scope: "col" }, words)))),
      h(
        "tbody",
        {},
        ...cells.map(([first, ...others]) =>
          h("tr", {}, h("th", { scope: "row" }, first), ...others.map((value) => h("td", {}, value))),
        ),
      ),
    ),
  );
}

function grid({ top, step }, written) {
  const lines = [];
  for (let value = 0; value <= top + step / 1_000; value += step) {
    const y = EDGE.top + (1 - value / top) * INNER.height;
    lines.push(svg("line", { class: "grid-line", x1: EDGE.left, x2: WIDTH - EDGE.right, y1: y, y2: y }));
    lines.push(svg("text", { class: "axis", x: EDGE.left - 6, y: y + 4, "text-anchor": "end" }, written(value)));
  }
  return lines;
}

function dates(rows, width) {
  const every = Math.max(1, Math.ceil(rows.length / DATES_SHOWN));
  return rows.flatMap(({ label }, at) => {
    if (at % every) return [];
    const x = EDGE.left + (at + 0.5) * width;
    return [svg("text", { class: "axis", x, y: HEIGHT - 8, "text-anchor": at ? "middle" : "start" }, label)];
  });
}

// The whole height of a day answers to the pointer, not only what is drawn of it.
const hitArea = (at, width) =>
  svg("rect", { class: "hit", x: EDGE.left + at * width, y: EDGE.top, width, height: INNER.height });

const gap = (width) => (width > 6 ? Math.min(8, width * 0.25) : 0.5);

/** A scale of at most five steps that people count in: 1, 2 or 5 times a power of ten. */
export function niceScale(most) {
  const rough = most / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = Math.max(1, [1, 2, 5, 10].map((one) => one * power).find((one) => one >= rough));
  return { step, top: Math.ceil(most / step) * step };
}

function svg(tag, attributes, ...children) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes))
    node.setAttribute(name, typeof value === "number" ? String(Math.round(value * 100) / 100) : value);
  node.append(...children);
  return node;
}

export const number = (value) => new Intl.NumberFormat(locale()).format(value);
export const percent = (share) =>
  new Intl.NumberFormat(locale(), { style: "percent", maximumFractionDigits: 0 }).format(share);
