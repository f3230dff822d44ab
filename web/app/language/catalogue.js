/**
 * The words of the page. Each language is one file in `locales/`: a flat object from key to
 * message, `{name}` marking what is filled in; a message that depends on a number is an object of
 * the plural forms that language has (`one`, `other`, …). `$name` is the language's own name,
 * `$dir` its direction. What a language lacks is said in English.
 */
import { lasting } from "../storage.js";

const KEPT_AS = "firstline.language";
const LOCALES = new URL("../../locales/", import.meta.url);

let english = {};
let messages = {};
let plural = new Intl.PluralRules("en");
let code = "en";

async function read(language) {
  const response = await fetch(new URL(`${language}.json`, LOCALES));
  if (!response.ok) throw new Error(`No catalogue for ${language}.`);
  return response.json();
}

/** The first language a person asked for that the page speaks. */
export function preferred(available, wishes = navigator.languages ?? ["en"]) {
  const chosen = new URLSearchParams(location.search).get("lang") ?? lasting.read(KEPT_AS);
  for (const wish of [chosen, ...wishes].filter(Boolean)) {
    const exact = available.find((one) => one.toLowerCase() === wish.toLowerCase());
    const close = available.find((one) => one.split("-")[0] === wish.toLowerCase().split("-")[0]);
    if (exact ?? close) return exact ?? close;
  }
  return "en";
}

/** Speaks `language` from now on; the document's `lang` and `dir` follow. */
export async function speak(language) {
  const own = language === "en" ? null : read(language).catch(() => null);
  if (!Object.keys(english).length) english = await read("en");
  messages = (await own) ?? english;
  code = messages === english ? "en" : language;
  plural = new Intl.PluralRules(code);
  document.documentElement.lang = code;
  document.documentElement.dir = messages.$dir ?? "ltr";
  mirrorBootstrap(document.documentElement.dir);
}

/** Remembers a choice made by hand; `null` goes back to the browser's own language. */
export function keepLanguage(language) {
  lasting.write(KEPT_AS, language);
}

/** The language being spoken, as `Intl` wants it. */
export const locale = () => code;

/** A message with its values filled in; `values.n` chooses the plural form. */
export function t(key, values = {}) {
  let message = messages[key] ?? english[key] ?? key;
  if (typeof message === "object") message = message[plural.select(values.n)] ?? message.other;
  return message.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? values[name] : whole));
}

/** Fills the words of the static page: `data-t`, `data-t-label`, `data-t-placeholder`. */
export function translate(root) {
  for (const node of root.querySelectorAll("[data-t]")) node.textContent = t(node.dataset.t);
  for (const node of root.querySelectorAll("[data-t-label]")) {
    node.setAttribute("aria-label", t(node.dataset.tLabel));
    if (node.matches("button, a")) node.title = t(node.dataset.tLabel);
  }
  for (const node of root.querySelectorAll("[data-t-placeholder]")) {
    node.setAttribute("placeholder", t(node.dataset.tPlaceholder));
  }
}

/** Each available language with the name it gives itself. */
export function nameOf(language) {
  const name = new Intl.DisplayNames([language], { type: "language" }).of(language) ?? language;
  return name.charAt(0).toLocaleUpperCase(language) + name.slice(1);
}

// Bootstrap writes left and right into its rules and ships a mirrored file for the other reading
// direction; our own styles use logical properties and need no second copy.
function mirrorBootstrap(direction) {
  const link = document.getElementById("bootstrap");
  const wanted = direction === "rtl" ? "bootstrap.rtl.min.css" : "bootstrap.min.css";
  if (!link.href.endsWith(`/${wanted}`)) link.href = new URL(wanted, link.href).href;
}
