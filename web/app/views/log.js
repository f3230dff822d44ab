/** The conversation as people read it: messages in order, days apart, scrolled to what is new. */
import { h, icon } from "../element.js";
import { t } from "../language/catalogue.js";
import { dayOf, refreshTimes, sameDay } from "../language/clock.js";
import { QuestionView } from "./question.js";
import { ReplyView, spoken } from "./reply.js";
import { Typing } from "./typing.js";

const NEAR_END_PX = 80;

export class LogView {
  constructor(node, { transcript, conversation, announcer, actions, newer, name }) {
    Object.assign(this, { node, transcript, announcer, actions, newer, name });
    this.views = new Map();
    this.typing = new Typing(name);
    transcript.addEventListener("added", (event) => this.#arrive(event.detail));
    transcript.addEventListener("updated", (event) => this.#refresh(event.detail));
    transcript.addEventListener("removed", (event) => this.#drop(event.detail));
    transcript.addEventListener("replaced", () => this.draw());
    conversation.addEventListener("typing", (event) => event.detail && this.#showTyping());
    node.addEventListener("keydown", (event) => this.#walk(event));
    node.addEventListener("scroll", () => this.#offerNewer(false), { passive: true });
    newer.addEventListener("click", () => this.#toEnd());
    setInterval(() => refreshTimes(node), 30_000);
    this.draw();
  }

  /** Draws everything afresh: on opening, in another language, after a change in another tab. */
  draw() {
    this.views.clear();
    this.typing.hide();
    this.node.replaceChildren();
    for (const item of this.transcript.items) this.#place(item);
    this.#tidy();
    this.#toEnd();
  }

  async #arrive({ id }) {
    let item = this.transcript.find(id);
    if (item.type === "reply") {
      await new Promise((resolve) => setTimeout(resolve, this.typing.remainingMs()));
      // Meanwhile it may have been taken back, or another tab may have changed everything.
      item = this.transcript.find(id);
      if (!item || this.views.has(id)) return;
      this.typing.hide();
      this.announcer.say(spoken(item, item.by ?? this.name()));
    }
    const wasNearEnd = this.#nearEnd();
    this.#place(item);
    this.#tidy();
    if (item.type === "question") this.#toEnd();
    else if (wasNearEnd) this.#showFromQuestion(item);
    else this.#offerNewer(true);
    this.node.dispatchEvent(new CustomEvent("shown", { detail: item, bubbles: true }));
  }

  #place(item) {
    const view = this.#viewOf(item);
    this.views.set(item.id, view);
    const here = this.transcript.items.findIndex(({ id }) => id === item.id);
    const next = this.transcript.items.slice(here + 1).find((other) => this.views.has(other.id));
    this.node.insertBefore(view.element, next ? this.views.get(next.id).element : this.typing.node);
  }

  #viewOf(item) {
    if (item.type === "question") return new QuestionView(item, this.actions);
    if (item.type === "reply") return new ReplyView(item, item.by ?? this.name(), this.actions);
    const words = t(`notice.${item.kind}`, item);
    return {
      element: h("p", { class: "notice", "data-testid": "notice", "data-kind": item.kind }, words),
      update() {},
    };
  }

  #refresh(item) {
    this.views.get(item.id)?.update(item, item === this.transcript.lastQuestion());
    if (item.status === "sent") this.#showTyping();
    if (item.status === "failed") {
      this.typing.hide();
      this.announcer.say(this.views.get(item.id)?.state.textContent);
    }
  }

  #drop(item) {
    this.views.get(item.id)?.element.remove();
    this.views.delete(item.id);
    this.typing.hide();
    this.#tidy();
  }

  #showTyping() {
    const nearEnd = this.#nearEnd();
    this.typing.show(this.node);
    if (nearEnd) this.#toEnd();
  }

  // Day separators, and "edit" on the last question only.
  #tidy() {
    this.node.querySelectorAll(".day").forEach((line) => line.remove());
    let before = null;
    for (const item of this.transcript.items) {
      const view = this.views.get(item.id);
      if (!view) continue;
      const isNewDay = before === null ? !sameDay(item.at, Date.now()) : !sameDay(item.at, before);
      if (isNewDay) view.element.before(h("p", { class: "day" }, h("span", {}, dayOf(item.at))));
      before = item.at;
      if (item.type === "question") view.update(item, item === this.transcript.lastQuestion());
    }
  }

  #nearEnd() {
    const { scrollHeight, scrollTop, clientHeight } = this.node;
    return scrollHeight - scrollTop - clientHeight < NEAR_END_PX;
  }

  #toEnd() {
    this.node.scrollTop = this.node.scrollHeight;
    this.#offerNewer(false);
  }

  // A long answer is read from its beginning: the question stays in sight above it.
  #showFromQuestion(item) {
    const anchor = this.views.get(item.reply_to) ?? this.views.get(item.id);
    const top = anchor.element.offsetTop - this.node.offsetTop - 12;
    this.node.scrollTop = Math.min(top, this.node.scrollHeight);
  }

  #offerNewer(offer) {
    if (offer) this.newer.replaceChildren(icon("arrow-down"), t("log.newer"));
    if (offer || this.#nearEnd()) this.newer.hidden = !offer;
  }

  // Arrow keys walk through the messages for those who do not use a pointer.
  #walk(event) {
    const step = { ArrowDown: 1, ArrowUp: -1, Home: -Infinity, End: Infinity }[event.key];
    const messages = [...this.node.querySelectorAll(".message[tabindex]")];
    const at = messages.indexOf(event.target);
    if (step === undefined || !messages.length || (at < 0 && event.target !== this.node)) return;
    event.preventDefault();
    const from = at < 0 ? (step < 0 ? messages.length : -1) : at;
    const to = Math.max(0, Math.min(messages.length - 1, from + step));
    messages[to].focus();
  }
}
