/**
 * The knowledge base beside the chat. On a wide page it stands next to the conversation, on a small
 * one it covers it.
 */
import { h, iconButton } from "../element.js";
import { t } from "../language/catalogue.js";
import { EntryList } from "./entrylist.js";

const wide = window.matchMedia("(min-width: 62rem)");

export class Browse {
  /** `pick(id, title)` is called with the entry a person wants to read. */
  constructor({ place, dialog, pick }) {
    this.dialog = dialog;
    this.entries = new EntryList(({ id, title }) => {
      if (!wide.matches) dialog.close();
      pick(id, title);
    });
    this.button = iconButton("collection", "", {
      "aria-expanded": "false",
      "aria-controls": dialog.id,
      "data-testid": "browse-button",
    });
    this.button.addEventListener("click", () => (dialog.open ? dialog.close() : this.open()));
    place.prepend(this.button);
    dialog.addEventListener("close", () => this.#closed());
    dialog.addEventListener("keydown", (event) => event.key === "Escape" && dialog.close());
    wide.addEventListener("change", () => dialog.open && dialog.close());
    this.draw();
  }

  /** Writes the panel in the language being spoken. */
  draw() {
    this.button.setAttribute("aria-label", t("browse.open"));
    this.button.title = t("browse.open");
    this.entries.draw();
    this.dialog.setAttribute("aria-label", t("browse.open"));
    this.dialog.replaceChildren(
      h(
        "div",
        { class: "browse-head" },
        h("h2", {}, t("browse.open")),
        iconButton("x-lg", t("browse.close"), {
          "data-testid": "browse-close",
          on: { click: () => this.dialog.close() },
        }),
      ),
      h("div", { class: "browse-search" }, this.entries.search),
      this.entries.list,
    );
  }

  async open() {
    if (wide.matches) this.dialog.show();
    else this.dialog.showModal();
    document.documentElement.classList.add("browsing");
    this.button.setAttribute("aria-expanded", "true");
    this.entries.search.focus();
    await this.entries.load();
  }

  #closed() {
    document.documentElement.classList.remove("browsing");
    this.button.setAttribute("aria-expanded", "false");
    if (this.dialog.contains(document.activeElement) || document.activeElement === document.body)
      this.button.focus();
  }
}
