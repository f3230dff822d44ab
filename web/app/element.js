/**
 * Builds DOM nodes. Text is set as text: nothing here reads a string as HTML.
 *
 *   h("button", { class: "btn", type: "button", on: { click: send } }, icon("send"), t("send"))
 */
export function h(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "on") {
      for (const [type, listener] of Object.entries(value)) node.addEventListener(type, listener);
    } else if (name === "data") {
      Object.assign(node.dataset, value);
    } else {
      node.setAttribute(name, value === true ? "" : String(value));
    }
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

const SPRITE = new URL("../vendor/bootstrap-icons/icons.svg", import.meta.url).href;
const SVG = "http://www.w3.org/2000/svg";

/** A decorative icon of the sprite; the words beside it, or an aria-label, carry the meaning. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("focusable", "false");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `${SPRITE}#${name}`);
  svg.append(use);
  return svg;
}

/** A round button that shows only an icon; its name is read aloud and shown on hover. */
export function iconButton(name, label, attributes = {}) {
  const extra = attributes.class ? ` ${attributes.class}` : "";
  return h(
    "button",
    { type: "button", "aria-label": label, title: label, ...attributes, class: `icon-button${extra}` },
    icon(name),
  );
}
