/** The menu of a page: appearance, language, and whatever else the page offers. */
import { h, icon, iconButton } from "../element.js";
import { keepLanguage, locale, nameOf, t } from "../language/catalogue.js";
import { chooseTheme, chosenTheme } from "../theme.js";

const THEMES = { auto: "circle-half", light: "sun", dark: "moon-stars" };

export class Menu {
  /**
   * `speak(language)` is called with a choice; `offers()` gives the other entries, each
   * `{ symbol, words, act, name }`.
   */
  constructor(place, { languages, speak, offers }) {
    Object.assign(this, { languages, speak, offers });
    this.button = iconButton("three-dots-vertical", "", {
      popovertarget: "menu",
      "aria-haspopup": "dialog",
      "data-testid": "menu-button",
    });
    this.panel = h("div", {
      id: "menu",
      class: "menu",
      popover: "auto",
      role: "dialog",
      "data-testid": "menu",
    });
    place.append(this.button, this.panel);
    this.draw();
  }

  /** Writes the menu in the language being spoken. */
  draw() {
    this.button.setAttribute("aria-label", t("menu.open"));
    this.button.title = t("menu.open");
    this.panel.setAttribute("aria-label", t("menu.open"));
    this.panel.replaceChildren(
      this.#themes(),
      this.#language(),
      ...this.offers().map((offer) => this.#entry(offer)),
    );
  }

  #entry({ symbol, words, act, name }) {
    const close = () => {
      this.panel.hidePopover();
      act();
    };
    return h(
      "button",
      { type: "button", class: "menu-entry", "data-testid": name, on: { click: close } },
      icon(symbol),
      words,
    );
  }

  #themes() {
    const choices = Object.entries(THEMES).map(([theme, symbol]) =>
      h(
        "label",
        { class: "choice", title: t(`theme.${theme}`) },
        h("input", {
          type: "radio",
          name: "theme",
          value: theme,
          class: "visually-hidden",
          checked: chosenTheme() === theme,
          on: { change: () => chooseTheme(theme) },
        }),
        h("span", {}, icon(symbol), t(`theme.${theme}`)),
      ),
    );
    return h("fieldset", { class: "choices" }, h("legend", {}, t("menu.theme")), h("div", {}, ...choices));
  }

  #language() {
    const select = h(
      "select",
      { class: "form-select form-select-sm", "data-testid": "language" },
      ...this.languages.map((code) =>
        h("option", { value: code, lang: code, selected: code === locale() }, nameOf(code)),
      ),
    );
    select.addEventListener("change", async () => {
      keepLanguage(select.value);
      await this.speak(select.value);
      this.panel.querySelector("select").focus();
    });
    return h(
      "label",
      { class: "menu-language" },
      h("span", {}, icon("translate"), t("menu.language")),
      select,
    );
  }
}
