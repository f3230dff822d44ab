/** What the person asked, with what became of it. */
import { h, icon, iconButton } from "../element.js";
import { t } from "../language/catalogue.js";
import { timeStamp } from "../language/clock.js";

export class QuestionView {
  /** `actions`: edit(item), retry(item), share(item, button). */
  constructor(item, actions) {
    this.actions = actions;
    this.state = h("span", { class: "question-state" });
    this.tools = h("span", { class: "question-tools" });
    this.element = h(
      "article",
      {
        class: "message from-person",
        tabindex: -1,
        "aria-label": t("message.yours"),
        "data-testid": "message",
        "data-kind": "question",
        data: { id: item.id },
      },
      h("div", { class: "bubble", dir: "auto" }, item.text),
      h("div", { class: "below" }, this.tools, this.state, timeStamp(item.at)),
    );
    this.update(item);
  }

  update(item, isLast = false) {
    this.element.dataset.status = item.status;
    this.state.replaceChildren(...this.#stateOf(item));
    const wantsEdit = isLast && !item.entry;
    const tools = [
      iconButton("link-45deg", t("question.share"), {
        "data-testid": "share-question",
        on: { click: (event) => this.actions.share(item, event.currentTarget) },
      }),
      wantsEdit &&
        iconButton("pencil", t("question.edit"), {
          "data-testid": "edit-question",
          on: { click: () => this.actions.edit(item) },
        }),
    ];
    // Redrawn only when they differ, so that focus on a button is not lost.
    if (this.tools.childElementCount !== tools.filter(Boolean).length)
      this.tools.replaceChildren(...tools.filter(Boolean));
  }

  #stateOf(item) {
    if (item.status === "waiting") return [icon("clock"), t("question.waiting"), " "];
    if (item.status === "failed") {
      return [
        h(
          "span",
          { class: "trouble", "data-testid": "question-error" },
          icon("exclamation-circle"),
          reasonOf(item),
        ),
        h(
          "button",
          { type: "button", class: "btn btn-link btn-sm", on: { click: () => this.actions.retry(item) } },
          t("question.retry"),
        ),
      ];
    }
    return item.edited ? [t("question.edited")] : [];
  }
}

// The catalogue's own words where it knows the code, the server's otherwise.
function reasonOf(item) {
  const key = `error.${item.code}`;
  const words = t(key);
  return words === key ? item.reason || t("error.other") : words;
}
