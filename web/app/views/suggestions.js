/** Entries offered as buttons. They never lock the conversation: anything may be typed instead. */
import { h } from "../element.js";

/** `lang` is the language of their titles, where it is known. */
export function suggestionButtons(entries, pick, label, lang = null) {
  return h(
    "ul",
    { class: "suggestions", role: "list", "aria-label": label },
    ...entries.map((entry) =>
      h(
        "li",
        {},
        h(
          "button",
          {
            type: "button",
            class: "btn btn-outline-accent",
            "data-testid": "suggestion",
            data: { entry: entry.id },
            on: { click: () => pick(entry.id, entry.title) },
          },
          h("span", { dir: "auto", lang }, entry.title),
        ),
      ),
    ),
  );
}
