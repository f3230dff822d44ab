/**
 * One conversation: what a person does on one side, what the server says on the other, and the
 * transcript between them. Emits `typing` (detail: true or false), `supporter` (a name) and
 * `indexChanged` (the new generation).
 */
import { newId } from "./identity.js";

// The session is remembered by the server; over plain HTTP the page lends it the latest turns.
const TURNS_LENT = 3;
const QUIET_TRIES = 3;

export class Conversation extends EventTarget {
  constructor(transcript) {
    super();
    this.transcript = transcript;
    this.limit = 2000;
  }

  /** Introduces the two parts that need each other. */
  connect(link, outbox) {
    this.link = link;
    this.outbox = outbox;
    link.addEventListener("frame", (event) => this.#receive(event.detail));
    link.addEventListener("down", () => this.#emit("typing", false));
  }

  /** The turns before this question, oldest first: what was asked, and which entry answered. */
  earlier(id) {
    const questions = this.transcript.items.filter((item) => item.type === "question");
    const here = questions.findIndex((item) => item.id === id);
    return questions.slice(Math.max(0, here - TURNS_LENT), Math.max(0, here)).map((item) => {
      const entry = this.transcript.replyTo(item.id)?.body.answer?.id;
      return { question: item.text, ...(entry ? { entry_id: entry } : {}) };
    });
  }

  ask(text, more = {}) {
    const item = { id: newId("c"), type: "question", text, at: Date.now(), status: "waiting", ...more };
    this.transcript.add(item);
    this.outbox.flush();
  }

  /** A suggestion that was clicked: shown as the person's words, sent as the entry it stands for. */
  pick(entry, title) {
    this.ask(title, { entry });
  }

  /** Asks a failed question again, as a new one: its old id would get the old refusal again. */
  retry(id) {
    const { text, entry } = this.transcript.find(id);
    this.transcript.remove(id);
    this.ask(text, entry ? { entry } : {});
  }

  /** Puts an edited question in the place of the last one and its reply. */
  revise(id, text) {
    const reply = this.transcript.replyTo(id);
    if (reply) this.transcript.remove(reply.id);
    this.transcript.remove(id);
    this.outbox.delivered(id);
    this.ask(text, { edited: true });
  }

  rate(id, helpful, comment = "") {
    const feedback = { id: newId("f"), helpful, comment, status: "waiting" };
    this.transcript.update(id, { feedback });
    this.outbox.flush();
  }

  startOver() {
    this.transcript.clear();
    this.link.restart();
  }

  #receive(frame) {
    if (typeof frame.seq === "number" && frame.type !== "init") {
      // Replies are told apart by the question they answer; the rest by their number.
      const known = frame.seq <= this.transcript.session.seq;
      if (known && !frame.reply_to) return;
      if (!known) this.transcript.note({ seq: frame.seq });
    }
    const act = {
      init: () => this.#begin(frame),
      message: () => this.#hear(frame),
      typing: () => this.#emit("typing", true),
      ack: () => this.#settle(frame.reply_to),
      error: () => this.#refuse(frame),
      notice: () => frame.kind === "index_changed" && this.#turnPage(frame.index),
    }[frame.type];
    act?.();
  }

  #begin({ session, supporter_name: name, resumed, index, limits }) {
    const before = { ...this.transcript.session };
    if (limits?.question_chars) this.limit = limits.question_chars;
    const newIndex = index && before.index && index !== before.index;
    const changedHands =
      name && before.supporter && name !== before.supporter && this.transcript.items.length;
    this.transcript.note({
      id: session ?? null,
      seq: resumed ? before.seq : 0,
      supporter: name ?? before.supporter,
      index: index ?? before.index,
    });
    if (newIndex) this.#turnPage(index);
    if (changedHands) this.#say({ type: "notice", kind: "supporter", name });
    this.#emit("supporter", this.transcript.session.supporter);
    if (!name) this.#hear({ kind: "greeting", suggestions: [] });
  }

  #turnPage(index) {
    this.transcript.note({ index });
    this.#emit("indexChanged", index);
  }

  #hear({ type, seq, reply_to: replyTo, kind, ...body }) {
    // The greeting opens an empty page; after a restart of the server it would interrupt.
    if (kind === "greeting" && this.transcript.items.length) return;
    const question = replyTo && this.transcript.find(replyTo);
    if (replyTo && (!question || this.transcript.replyTo(replyTo))) return this.outbox.delivered(replyTo);
    this.#emit("typing", false);
    if (question) this.transcript.update(replyTo, { status: "answered" });
    this.#say({ type: "reply", kind, reply_to: replyTo, body });
    if (replyTo) this.outbox.delivered(replyTo);
  }

  #settle(id) {
    const rated = this.transcript.items.find((item) => item.feedback?.id === id);
    if (rated) this.transcript.update(rated.id, { feedback: { ...rated.feedback, status: "stored" } });
    this.outbox.delivered(id);
  }

  #refuse({ reply_to: id, code, text, retry_after_s: wait }) {
    this.#emit("typing", false);
    if (wait && this.#mayTryAgain(id)) return this.outbox.later(id, wait);
    const rated = this.transcript.items.find((item) => item.feedback?.id === id);
    if (rated) this.transcript.update(rated.id, { feedback: { ...rated.feedback, status: "failed" } });
    if (this.transcript.find(id)) this.transcript.update(id, { status: "failed", code, reason: text });
    this.outbox.delivered(id);
  }

  // A busy server says when to come back: that is done quietly a few times.
  #mayTryAgain(id) {
    const item = this.transcript.find(id);
    if (!item || (item.tries ?? 0) >= QUIET_TRIES) return false;
    this.transcript.update(id, { tries: (item.tries ?? 0) + 1, status: "waiting" });
    return true;
  }

  // Named after its question: two tabs that hear the same reply keep it once.
  #say(item) {
    const id = item.reply_to ? `r-${item.reply_to}` : newId("r");
    this.transcript.add({ id, at: Date.now(), by: this.transcript.session.supporter, ...item });
  }

  #emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
