/** The first words: the operator's own as they are written, ours in the reader's language. */
import { t } from "./catalogue.js";

let own = false;

/** Whether the operator has written a greeting; ours gives way to it. */
export function greetInOwnWords(greeting) {
  own = Boolean(greeting);
}

/** `text` is what the server sent, if it was there to greet; `name` is the supporter's. */
export function greetingWords(text, name) {
  if (!text) return t("greeting");
  return own ? text : t("greeting.named", { name });
}
