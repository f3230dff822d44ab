/** The way on to a person, where the operator has configured one. */
import { h, icon } from "../element.js";
import { t } from "../language/catalogue.js";
import { commentForm } from "./feedback.js";

/**
 * `desk`: { mail?, phone?, url?, webhook?, label?, subject, transcript(), call(contact) } or nothing.
 * `call` hands contact and conversation to the server, which tells the operator's own system.
 */
export function handOff(desk) {
  if (!desk || !(desk.mail || desk.phone || desk.url || desk.webhook)) return null;
  return h(
    "div",
    { class: "hand-off", "data-testid": "hand-off" },
    h("p", {}, desk.label || t("handOff.say")),
    h(
      "p",
      { class: "ways" },
      desk.mail && way(mailTo(desk), "envelope", t("handOff.mail")),
      desk.phone &&
        way(`tel:${desk.phone.replace(/[^\d+]/g, "")}`, "telephone", h("bdi", { dir: "ltr" }, desk.phone)),
      desk.url &&
        /^https?:\/\//.test(desk.url) &&
        way(desk.url, "box-arrow-up-right", t("handOff.link"), true),
    ),
    desk.webhook && callBack(desk),
  );
}

function callBack(desk) {
  const said = h("p", { class: "thanks", role: "status" });
  const form = commentForm(
    t("handOff.contact"),
    async (contact) => {
      const done = await desk.call(contact).then(
        () => true,
        () => false,
      );
      said.textContent = t(done ? "handOff.called" : "handOff.notCalled");
      if (done) form.remove();
    },
    "contact",
  );
  return h("div", {}, form, said);
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
