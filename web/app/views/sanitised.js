/**
 * The server's HTML, sanitised when the index was built, cleaned once more here and made ready to
 * read: safe links, headings below the answer's own, tables that scroll, code that can be copied.
 */
import "../../vendor/dompurify/purify.min.js";
import { h, icon } from "../element.js";
import { t } from "../language/catalogue.js";
import { copyText } from "./clipboard.js";

const TAGS =
  "a abbr b blockquote br caption code dd del details div dl dt em h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark " +
  "ol p pre q s samp small span strong sub summary sup table tbody td tfoot th thead tr u ul var";
const SETTINGS = {
  ALLOWED_TAGS: TAGS.split(" "),
  ALLOWED_ATTR: [
    "href",
    "src",
    "alt",
    "title",
    "start",
    "colspan",
    "rowspan",
    "scope",
    "open",
    "lang",
    "dir",
  ],
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
  RETURN_DOM_FRAGMENT: true,
};
const SAFE_SCHEMES = new Set(["http:", "https:", "mailto:", "tel:"]);

/** A fragment to append; `openEntry(id)` is called for links to other entries. */
export function sanitised(html, openEntry) {
  const fragment = globalThis.DOMPurify.sanitize(String(html), SETTINGS);
  fragment.querySelectorAll("h1, h2, h3, h4, h5, h6").forEach(demote);
  fragment.querySelectorAll("img").forEach(linkInstead);
  fragment.querySelectorAll("a").forEach((link) => guard(link, openEntry));
  fragment.querySelectorAll("table").forEach(makeScroll);
  fragment.querySelectorAll("pre").forEach(addCopyButton);
  return fragment;
}

// The answer's title is a level 2 heading: whatever the author wrote starts at level 3.
function demote(heading) {
  const level = Math.max(3, Math.min(6, Number(heading.tagName[1]) + 1));
  heading.replaceWith(h(`h${level}`, {}, ...heading.childNodes));
}

// Pictures would come from other hosts, which the page never talks to: a link stands for them.
function linkInstead(image) {
  const from = image.getAttribute("src") ?? "";
  const words = image.alt || from;
  image.replaceWith(/^https?:\/\//i.test(from) ? h("a", { href: from }, words) : words);
}

function guard(link, openEntry) {
  const written = link.getAttribute("href") ?? "";
  const entry = /^(?:#entry=|(?:\.{0,2}\/)*(?:[\w-]+\/)*)([\w.-]+?)(?:\.md)?$/.exec(written);
  const isEntry = entry && (written.startsWith("#entry=") || written.endsWith(".md"));
  if (isEntry && openEntry) {
    link.setAttribute("href", `#entry=${encodeURIComponent(entry[1])}`);
    link.addEventListener("click", (event) => {
      event.preventDefault();
      openEntry(entry[1], link.textContent);
    });
    return;
  }
  let to = null;
  try {
    to = new URL(written);
  } catch {
    // A relative link leads nowhere from here: its words stay, the link goes.
  }
  if (!to || !SAFE_SCHEMES.has(to.protocol)) return link.replaceWith(...link.childNodes);
  link.target = "_blank";
  link.rel = "noopener noreferrer nofollow";
  if (to.protocol.startsWith("http"))
    link.append(h("span", { class: "visually-hidden" }, ` (${t("link.newTab")})`));
}

function makeScroll(table) {
  table.classList.add("table", "table-sm");
  const label = table.caption?.textContent || t("answer.table");
  const frame = h("div", { class: "table-responsive", role: "region", tabindex: 0, "aria-label": label });
  table.replaceWith(frame);
  frame.append(table);
}

function addCopyButton(block) {
  const words = h("span", {}, t("code.copy"));
  const button = h("button", { type: "button", class: "btn btn-sm copy-code" }, icon("clipboard"), words);
  button.addEventListener("click", async () => {
    const copied = await copyText(block.textContent);
    words.textContent = t(copied ? "code.copied" : "code.notCopied");
    setTimeout(() => (words.textContent = t("code.copy")), 2_000);
  });
  const frame = h("div", { class: "code-block" });
  block.replaceWith(frame);
  block.tabIndex = 0;
  frame.append(block, button);
}
