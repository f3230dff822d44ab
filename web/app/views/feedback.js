/** Thumbs under a reply, and a few words if the person likes to add them. */
import { h, icon } from "../element.js";
import { t } from "../language/catalogue.js";

const LONGEST_COMMENT = 1000;

export class FeedbackView {
  /**
   * `rate(helpful, comment)` stores it; refusals may be rated as well as answers. `wayOn()` gives
   * what to show to somebody whom the reply did not help, if anything.
   */
  constructor(item, { rate, wayOn }) {
    Object.assign(this, { rate, wayOn });
    this.up = this.#thumb(true, "hand-thumbs-up", t("feedback.helpful"), "thumb-up");
    this.down = this.#thumb(false, "hand-thumbs-down", t("feedback.unhelpful"), "thumb-down");
    this.thanks = h("span", { class: "thanks", role: "status", "data-testid": "feedback-thanks" });
    this.thumbs = h(
      "span",
      { class: "thumbs", role: "group", "aria-label": t("feedback.question") },
      this.up,
      this.down,
    );
    this.form = null;
    this.below = h("div", { class: "feedback-form" });
    this.update(item);
  }

  update(item) {
    const { feedback } = item;
    const changed = this.shown !== JSON.stringify(feedback);
    this.shown = JSON.stringify(feedback);
    if (!changed) return;
    this.#press(this.up, feedback?.helpful === true, "hand-thumbs-up");
    this.#press(this.down, feedback?.helpful === false, "hand-thumbs-down");
    if (!feedback) return;
    this.thanks.textContent = t(feedback.status === "failed" ? "feedback.failed" : "feedback.thanks");
    if (feedback.comment) this.#closeForm();
  }

  #thumb(helpful, name, label, testId) {
    const button = h(
      "button",
      {
        type: "button",
        class: "icon-button",
        "aria-label": label,
        title: label,
        "aria-pressed": "false",
        "data-testid": testId,
      },
      icon(name),
    );
    button.addEventListener("click", () => {
      this.rate(helpful, "");
      this.#openForm(helpful);
    });
    return button;
  }

  #press(button, pressed, name) {
    button.setAttribute("aria-pressed", String(pressed));
    button.replaceChildren(icon(pressed ? `${name}-fill` : name));
  }

  #openForm(helpful) {
    this.#closeForm();
    this.form = commentForm(t(helpful ? "feedback.commentUp" : "feedback.commentDown"), (comment) =>
      this.rate(helpful, comment),
    );
    this.below.replaceChildren(this.form, (!helpful && this.wayOn()) || "");
    this.form.scrollIntoView({ block: "nearest" });
  }

  #closeForm() {
    const hadFocus = this.form?.contains(document.activeElement);
    this.form?.remove();
    this.form = null;
    if (hadFocus) this.thumbs.querySelector("[aria-pressed=true]")?.focus();
  }
}

/** A box for a few words with a button; `send(words)` is called with what was typed. */
export function commentForm(label, send, testId = "comment") {
  const box = h("textarea", {
    class: "form-control",
    rows: 2,
    maxlength: LONGEST_COMMENT,
    "data-testid": testId,
  });
  const form = h(
    "form",
    { class: "comment-form" },
    h("label", {}, h("span", { class: "label-words" }, label), box),
    h(
      "button",
      { type: "submit", class: "btn btn-sm btn-outline-accent", "data-testid": `${testId}-send` },
      t("feedback.send"),
    ),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (box.value.trim()) send(box.value.trim());
  });
  return form;
}
