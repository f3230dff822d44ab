/** Asks before something that cannot be undone; the answer comes as a promise. */
import { h } from "../element.js";
import { t } from "../language/catalogue.js";

export function confirmed(question, consequence, yes) {
  return new Promise((resolve) => {
    const dialog = h(
      "dialog",
      { class: "confirm", "aria-labelledby": "confirm-question", "data-testid": "confirm" },
      h("h2", { id: "confirm-question" }, question),
      h("p", {}, consequence),
      h(
        "form",
        { method: "dialog" },
        h("button", { class: "btn btn-outline-accent", value: "no" }, t("confirm.no")),
        h("button", { class: "btn btn-accent", value: "yes", "data-testid": "confirm-yes" }, yes),
      ),
    );
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}
