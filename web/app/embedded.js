/**
 * The page inside another site's page: what it tells the host, and what the host may ask of it.
 *
 * The server's `frame-ancestors` decides who may embed at all; here only messages from the frame's
 * parent, from the origin it announced, are heard, and nothing a person typed is told.
 */
import { paintAccent } from "./accent.js";
import { iconButton } from "./element.js";
import { t } from "./language/catalogue.js";

const asked = new URLSearchParams(location.search);

/** Whether this page was opened by `embed.js`. */
export const isEmbedded = asked.has("embed") && window.parent !== window;

/** What the host's script tag says about the page. */
export const wishes = isEmbedded ? { title: asked.get("title")?.slice(0, 80) || undefined } : {};

/** `does`: ask(text), focus(), away(boolean); `log` tells of replies as they are shown. */
export function joinHost(place, log, does) {
  if (!isEmbedded) return { tellUnread() {}, draw() {} };
  const origin = originOf(asked.get("embed"));
  const tell = (message) => origin && window.parent.postMessage({ firstline: 1, ...message }, origin);
  paintAccent(asked.get("color"));

  const close = iconButton("x-lg", t("embedded.close"), {
    "data-testid": "widget-close",
    on: { click: () => tell({ type: "close" }) },
  });
  place.append(close);

  window.addEventListener("message", ({ source, origin: from, data }) => {
    if (source !== window.parent || from !== origin || data?.firstline !== 1) return;
    if (data.type === "ask" && typeof data.text === "string" && data.text.trim()) does.ask(data.text.trim());
    if (data.type === "opened") {
      does.away(false);
      does.focus();
    }
    if (data.type === "closed") does.away(true);
  });
  document.addEventListener("keydown", (event) => {
    const busy = document.querySelector("dialog[open], :popover-open, .typeahead:not([hidden])");
    if (event.key === "Escape" && !event.defaultPrevented && !busy) tell({ type: "close" });
  });
  log.addEventListener("shown", ({ detail }) => {
    if (detail.type === "reply")
      tell({ type: "reply", outcome: detail.kind, entry: detail.body.answer?.id ?? null });
  });
  tell({ type: "ready" });

  return {
    tellUnread: (count) => tell({ type: "unread", count }),
    draw: () => {
      close.title = t("embedded.close");
      close.setAttribute("aria-label", t("embedded.close"));
    },
  };
}

function originOf(text) {
  try {
    const { origin } = new URL(text);
    return origin === "null" ? null : origin;
  } catch {
    return null;
  }
}
