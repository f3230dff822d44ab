/** The way on to a person, where the operator has configured one. */
import { h, icon } from "../element.js";
import { t } from "../language/catalogue.js";

/** `desk`: { mail?, phone?, url?, label?, transcript: () => string, subject } or nothing. */
export function handOff(desk) {
  if (!desk || !(desk.mail || desk.phone || desk.url)) return null;
  return h(
    "div",
    { class: "hand-off", "data-testid": "hand-off" },
    h("p", {}, desk.label || t("handOff.say")),
    h(
      "p",
      { class: "ways" },
      desk.mail && way(mailTo(desk), "envelope", t("handOff.mail")),
      desk.phone && way(`tel:${desk.phone.replace(/[^\d+]/g, "")}`, "telephone", h("bdi", { dir: "ltr" }, desk.phone)),
      desk.url && /^https?:\/\//.test(desk.url) && way(desk.url, "box-arrow-up-right", t("handOff.link"), true),
    ),
  );
}

function way(href, symbol, words, outside = false) {
  const safety = outside ? { target: "_blank", rel: "noopener noreferrer" } : {};
  return h("a", { class: "btn btn-sm btn-outline-accent", href, ...safety }, icon(symbol), words);
}

// The address bar of a mail program takes about 2,000 characters: the end of the talk matters most.
function mailTo({ mail, transcript, subject }) {
  const body = transcript().slice(-1_500);
  return `mailto:${mail}?subject=${encodeURIComponent(subject)}&body=${encodeURIComponent(body)}`;
}
