/** The way on to a person, where the operator has configured one. */
import { h, icon } from "../element.js";
import { t } from "../language/catalogue.js";

const MOST_MAILED = 700;
const LONGEST_CONTACT = 300;

/**
 * `desk`: { mail?, phone?, url?, webhook?, label?, subject, called, transcript(), call(contact) }, or
 * nothing where the operator has configured no way.
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
  const said = h("p", { class: "thanks", role: "status", "data-testid": "hand-off-said" });
  if (desk.called) {
    said.textContent = t("handOff.called");
    return said;
  }
  const box = h("input", {
    class: "form-control form-control-sm",
    maxlength: LONGEST_CONTACT,
    autocomplete: "email",
    required: true,
    "data-testid": "contact",
  });
  const send = h(
    "button",
    { type: "submit", class: "btn btn-sm btn-outline-accent", "data-testid": "contact-send" },
    t("feedback.send"),
  );
  const label = h("label", {}, h("span", { class: "label-words" }, t("handOff.contact")), box);
  const form = h("form", { class: "contact-form" }, label, send);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const contact = box.value.trim();
    if (!contact || send.disabled) return;
    // One call for one press, however slow the other side is.
    send.disabled = true;
    const done = await desk.call(contact).then(
      () => true,
      () => false,
    );
    send.disabled = false;
    said.textContent = t(done ? "handOff.called" : "handOff.notCalled");
    if (done) form.remove();
  });
  return h("div", {}, form, said);
}

function way(href, symbol, words, outside = false) {
  const safety = outside ? { target: "_blank", rel: "noopener noreferrer" } : {};
  return h("a", { class: "btn btn-sm btn-outline-accent", href, ...safety }, icon(symbol), words);
}

// Mail programs take addresses of about 2,000 characters: the end of the talk matters most.
function mailTo({ mail, transcript, subject }) {
  const body = transcript(MOST_MAILED);
  return `mailto:${mail}?subject=${encodeURIComponent(subject)}&body=${encodeURIComponent(body)}`;
}
