/**
 * What still has to reach the server: the questions and feedback that the transcript shows as
 * waiting, oldest first, one at a time. One at a time keeps the order; the same id on every
 * attempt lets the server answer a repeated question once.
 */
const WAITING = new Set(["waiting", "sent"]);

export class Outbox {
  constructor(transcript, link) {
    this.transcript = transcript;
    this.link = link;
    this.travelling = null;
    link.addEventListener("ready", () => this.flush());
    link.addEventListener("down", () => (this.travelling = null));
  }

  /** Sends the next one, if the line is up and nothing is on its way. */
  flush() {
    if (!this.link.ready || this.travelling) return;
    const frame = this.#nextQuestion() ?? this.#nextFeedback();
    if (!frame) return;
    this.travelling = frame.id;
    if (frame.type !== "feedback") this.transcript.update(frame.id, { status: "sent" });
    this.link.send(frame);
  }

  /** The server has dealt with this id, one way or another. */
  delivered(id) {
    if (this.travelling === id) this.travelling = null;
    this.flush();
  }

  /** The server asked to come back with this one after so many seconds; the order is kept. */
  later(id, seconds) {
    setTimeout(() => this.delivered(id), seconds * 1_000);
  }

  #nextQuestion() {
    const item = this.transcript.items.find((one) => one.type === "question" && WAITING.has(one.status));
    if (!item) return null;
    if (item.entry) return { type: "pick", id: item.id, entry: item.entry };
    return { type: "question", id: item.id, text: item.text, explain: true };
  }

  #nextFeedback() {
    const item = this.transcript.items.find((one) => one.feedback?.status === "waiting");
    if (!item) return null;
    const { id, helpful, comment } = item.feedback;
    return {
      type: "feedback",
      id,
      request_id: item.body.request_id,
      entry_id: item.body.answer?.id,
      helpful,
      comment: comment || undefined,
    };
  }
}
