/*
 * Firstline on any site: a launcher button that opens the chat in an iframe.
 *
 *   <script src="https://help.example/embed.js" data-title="Help" data-color="#0b6e4f"
 *           data-position="right" data-lang="de" async></script>
 *
 * The button lives in a shadow tree and the chat in an iframe of its own origin, so neither side's
 * styles, scripts or policies reach the other. Documented in docs/reference/widget.md.
 */
(() => {
  const script = document.currentScript;
  if (!script || window.Firstline) return;

  const { title = "Help", color = "#4150c9", position = "right", lang = "" } = script.dataset;
  const page = new URL("./", script.src);
  const accent = /^#[0-9a-f]{6}$/i.test(color) ? color : "#4150c9";
  const listeners = new Map();
  const waiting = [];
  let frame = null;
  let ready = false;
  let shown = false;

  // White or black on the accent, whichever reads better (WCAG relative luminance).
  function onAccent() {
    const [red, green, blue] = [1, 3, 5]
      .map((at) => parseInt(accent.slice(at, at + 2), 16) / 255)
      .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    const luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    return 1.05 / (luminance + 0.05) >= (luminance + 0.05) / 0.05 ? "#fff" : "#000";
  }

  const side = position === "left" ? "left" : "right";
  const STYLE = `
    :host { all: initial !important; }
    button, iframe { position: fixed; ${side}: 20px; z-index: 2147483000; border: 0; }
    button { bottom: 20px; width: 60px; height: 60px; padding: 0; border-radius: 50%; cursor: pointer;
      background: ${accent}; color: ${onAccent()}; box-shadow: 0 4px 16px rgb(0 0 0 / 28%); }
    button:focus-visible { outline: 3px solid #fff; box-shadow: 0 0 0 6px #1b1f2e; }
    svg { width: 28px; height: 28px; vertical-align: middle; fill: currentColor; }
    span { position: absolute; top: -4px; ${side}: -4px; min-width: 22px; padding: 0 4px; box-sizing: border-box;
      border-radius: 11px; background: #b3261e; color: #fff; font: 700 13px/22px system-ui, sans-serif; }
    iframe { bottom: 92px; width: min(400px, calc(100vw - 40px)); height: min(660px, calc(100dvh - 112px));
      border-radius: 18px; background: Canvas; box-shadow: 0 8px 40px rgb(0 0 0 / 30%); }
    [hidden] { display: none; }
    @media (max-width: 480px), (max-height: 420px) {
      iframe { inset: 0; width: 100vw; height: 100dvh; border-radius: 0; }
      iframe:not([hidden]) ~ button { display: none; }
    }
    @media print { button, iframe { display: none; } }`;

  const CHAT =
    "M2 5a4 4 0 0 1 4-4h12a4 4 0 0 1 4 4v8a4 4 0 0 1-4 4H11l-5.3 4.7A1 1 0 0 1 4 21v-4.5A4 4 0 0 1 2 13z";
  const CROSS =
    "M5.3 3.9 12 10.6l6.7-6.7 1.4 1.4L13.4 12l6.7 6.7-1.4 1.4L12 13.4l-6.7 6.7-1.4-1.4L10.6 12 3.9 5.3z";

  const host = document.createElement("firstline-chat");
  const shadow = host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLE);
  shadow.adoptedStyleSheets = [sheet];

  const button = document.createElement("button");
  button.type = "button";
  button.title = title;
  button.setAttribute("aria-label", title);
  button.setAttribute("aria-expanded", "false");
  const badge = document.createElement("span");
  badge.hidden = true;
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(svg.namespaceURI, "path");
  path.setAttribute("d", CHAT);
  svg.append(path);
  button.append(svg, badge);
  button.addEventListener("click", () => api.toggle());
  shadow.append(button);

  function load() {
    if (frame) return;
    frame = document.createElement("iframe");
    frame.hidden = true;
    frame.title = title;
    frame.allow = "clipboard-write";
    frame.referrerPolicy = "no-referrer";
    const address = new URL(page);
    address.search = new URLSearchParams({
      embed: location.origin,
      title,
      color: accent,
      ...(lang && { lang }),
    });
    frame.src = address.href;
    button.before(frame);
  }

  function tell(message) {
    if (!ready) return waiting.push(message);
    frame.contentWindow.postMessage({ firstline: 1, ...message }, page.origin);
  }

  function show(open) {
    if (shown === open) return;
    if (open) load();
    shown = open;
    frame.hidden = !open;
    button.setAttribute("aria-expanded", String(open));
    path.setAttribute("d", open ? CROSS : CHAT);
    tell({ type: open ? "opened" : "closed" });
    if (!open) button.focus();
    emit(open ? "open" : "close");
  }

  function count(unread) {
    badge.hidden = !unread;
    badge.textContent = unread > 9 ? "9+" : String(unread);
    button.setAttribute("aria-label", unread ? `${title} (${unread})` : title);
    emit("unread", { count: unread });
  }

  function emit(type, detail = {}) {
    for (const listener of listeners.get(type) ?? []) listener(detail);
    window.dispatchEvent(new CustomEvent(`firstline:${type}`, { detail }));
  }

  window.addEventListener("message", ({ origin, source, data }) => {
    if (origin !== page.origin || !frame || source !== frame.contentWindow || data?.firstline !== 1) return;
    if (data.type === "ready") {
      ready = true;
      waiting.splice(0).forEach(tell);
    } else if (data.type === "close") {
      show(false);
    } else if (data.type === "unread") {
      count(data.count);
    } else if (data.type === "reply") {
      emit("reply", { outcome: data.outcome, entry: data.entry });
    }
  });

  const api = {
    open: () => show(true),
    close: () => show(false),
    toggle: () => show(!shown),
    /** Opens the chat and asks. */
    ask(question) {
      show(true);
      tell({ type: "ask", text: String(question) });
    },
    /** Listens for "open", "close", "unread" or "reply"; gives back what stops listening. */
    on(type, listener) {
      listeners.set(type, [...(listeners.get(type) ?? []), listener]);
      return () =>
        listeners.set(
          type,
          listeners.get(type).filter((one) => one !== listener),
        );
    },
  };
  window.Firstline = Object.freeze(api);

  const mount = () => {
    document.body.append(host);
    emit("ready");
    if (script.dataset.open !== undefined) show(true);
  };
  if (document.body) mount();
  else document.addEventListener("DOMContentLoaded", mount);
})();
