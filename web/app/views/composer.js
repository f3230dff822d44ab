/** Where people write. Enter sends, Shift+Enter starts a line, Up in an empty box recalls. */
import { icon } from "../element.js";
import { t } from "../language/catalogue.js";
import { passing } from "../storage.js";

const DRAFT = "firstline.draft";
const COUNT_FROM = 0.8;

export class Composer {
  constructor(
    { composer: form, question: input, send, counter, editing, cancel },
    { conversation, transcript },
  ) {
    Object.assign(this, { form, input, send, counter, editing, cancel, conversation, transcript });
    this.revising = null;
    this.recalled = -1;
    this.send.append(icon("send-fill"));
    this.input.value = passing.read(DRAFT) ?? "";
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
    this.input.addEventListener("input", () => this.#changed());
    this.input.addEventListener("keydown", (event) => this.#key(event));
    this.cancel.addEventListener("click", () => this.#stopEditing());
    this.draw();
  }

  /** Brings counter and button in line with what is written. */
  draw() {
    this.#changed();
  }

  /** One of the offered questions instead of what is typed. */
  pick(id, title) {
    this.#stopEditing();
    this.conversation.pick(id, title);
  }

  submit() {
    const text = this.input.value.trim();
    if (!text || [...text].length > this.conversation.limit) return this.input.focus();
    const revised = this.revising;
    this.#stopEditing();
    if (revised) this.conversation.revise(revised, text);
    else this.conversation.ask(text);
    this.input.focus();
  }

  /** Puts a question back into the box to be changed. */
  edit(item) {
    this.revising = item.id;
    this.editing.hidden = false;
    this.write(item.text);
  }

  /** Writes text into the box and goes there. */
  write(text) {
    this.input.value = text;
    this.#changed();
    this.input.focus();
    this.input.setSelectionRange(text.length, text.length);
  }

  #stopEditing() {
    this.revising = null;
    this.recalled = -1;
    this.editing.hidden = true;
    this.input.value = "";
    this.#changed();
  }

  #key(event) {
    if (event.isComposing || event.defaultPrevented) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.form.requestSubmit();
    } else if (event.key === "Escape" && this.revising) {
      this.#stopEditing();
    } else if (event.key === "ArrowUp" && this.#mayRecall()) {
      event.preventDefault();
      this.#recall(1);
    } else if (event.key === "ArrowDown" && this.recalled >= 0) {
      event.preventDefault();
      this.#recall(-1);
    }
  }

  #asked() {
    return this.transcript.items
      .filter((item) => item.type === "question" && !item.entry)
      .map((item) => item.text);
  }

  #mayRecall() {
    const asked = this.#asked();
    return (
      this.input.value === "" || (this.recalled >= 0 && this.input.value === asked.at(-1 - this.recalled))
    );
  }

  #recall(step) {
    const asked = this.#asked();
    const to = Math.min(this.recalled + step, asked.length - 1);
    this.write(to < 0 ? "" : asked.at(-1 - to));
    this.recalled = to;
  }

  #changed() {
    passing.write(DRAFT, this.input.value);
    if (this.input.value === "") this.recalled = -1;
    // An empty box follows the page, so that its placeholder reads the right way.
    this.input.dir = this.input.value ? "auto" : "";
    const length = [...this.input.value].length;
    const { limit } = this.conversation;
    const over = length > limit;
    this.counter.hidden = length < limit * COUNT_FROM;
    this.counter.textContent = t(over ? "composer.tooLong" : "composer.left", {
      n: Math.abs(limit - length),
    });
    this.counter.classList.toggle("trouble", over);
    this.input.setAttribute("aria-invalid", String(over));
    this.send.setAttribute("aria-disabled", String(over || !this.input.value.trim()));
    this.#fit();
  }

  // Browsers that size a field by its content need no help (CSS field-sizing).
  #fit() {
    if (CSS.supports("field-sizing", "content")) return;
    this.input.style.setProperty("height", "auto");
    this.input.style.setProperty("height", `${this.input.scrollHeight}px`);
  }
}
