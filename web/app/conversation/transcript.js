/**
 * The conversation as data, kept in the browser so that it survives a reload and a restart of the
 * server. Bounded: the oldest go first.
 *
 * Items, in the order they are read:
 *   { id, type: "question", text, at, status, entry?, edited? }
 *       status: "waiting" (not sent yet) | "sent" | "answered" | "failed"
 *   { id, type: "reply", kind, at, by, reply_to, body, feedback?, changed?, handedOver? }
 *       body: the server's fields; by: the supporter's name, null without a session
 *   { id, type: "notice", kind, at, … }
 *
 * Emits `added`, `updated`, `removed` (detail: the item) and `replaced` (everything may differ).
 */
import { lasting } from "../storage.js";

const KEPT_AS = "firstline.conversation";
const FORM = 1;
const MOST_ITEMS = 200;
const MOST_CHARACTERS = 1_500_000;

const nobody = () => ({ id: null, seq: 0, supporter: null, index: null });

export class Transcript extends EventTarget {
  constructor() {
    super();
    this.#load();
    window.addEventListener("storage", (event) => event.key === KEPT_AS && this.#followOtherTab());
  }

  find(id) {
    return this.items.find((item) => item.id === id);
  }

  replyTo(questionId) {
    return this.items.find((item) => item.type === "reply" && item.reply_to === questionId);
  }

  lastQuestion() {
    return this.items.findLast((item) => item.type === "question");
  }

  /** Adds at the end; a reply goes right below its question, even if others wait behind it. */
  add(item) {
    const question = this.items.findIndex((one) => one.id === item.reply_to);
    const place = question < 0 ? this.items.length : question + 1;
    this.items.splice(place, 0, item);
    this.#save();
    this.#emit("added", item);
    return item;
  }

  update(id, changes) {
    const item = this.find(id);
    if (!item) return;
    Object.assign(item, changes);
    this.#save();
    this.#emit("updated", item);
  }

  remove(id) {
    const item = this.find(id);
    if (!item) return;
    this.items = this.items.filter((one) => one !== item);
    this.#save();
    this.#emit("removed", item);
  }

  /** Notes what the session is; not shown. */
  note(session) {
    Object.assign(this.session, session);
    this.#save();
  }

  clear() {
    this.items = [];
    this.session = nobody();
    this.#save();
    this.#emit("replaced");
  }

  #load() {
    const kept = lasting.read(KEPT_AS);
    const usable = kept?.form === FORM && Array.isArray(kept.items);
    this.items = usable ? kept.items : [];
    this.session = { ...nobody(), ...(usable ? kept.session : {}) };
  }

  #followOtherTab() {
    const before = JSON.stringify(this.items);
    this.#load();
    if (JSON.stringify(this.items) !== before) this.#emit("replaced");
  }

  #save() {
    while (this.items.length > MOST_ITEMS) this.#emit("removed", this.items.shift());
    const write = () => JSON.stringify({ form: FORM, session: this.session, items: this.items });
    while (write().length > MOST_CHARACTERS) this.#emit("removed", this.items.shift());
    lasting.write(KEPT_AS, { form: FORM, session: this.session, items: this.items });
  }

  #emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
