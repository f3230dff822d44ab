/**
 * One life of one WebSocket: opening, listening, and noticing that it died quietly.
 *
 * A browser cannot send WebSocket pings and hears nothing of the server's, so a socket that a
 * sleeping laptop or a lost network cut off looks open for minutes. After a quiet spell, and
 * whenever somebody comes back to the tab, a small frame is sent; any frame in return is proof.
 */
const OPENING_MS = 6_000;
const QUIET_MS = 25_000;
const PROOF_MS = 5_000;

export class Socket {
  /** `hear(frame)` for every frame; `end(opened, code)` once, when this life is over. */
  constructor(url, { hear, end }) {
    this.opened = false;
    this.ended = false;
    this.hear = hear;
    this.end = end;
    this.heardAt = Date.now();
    this.proofTimer = 0;
    this.quietTimer = setInterval(() => this.#checkWhenQuiet(), 5_000);
    this.openTimer = setTimeout(() => this.close(), OPENING_MS);
    try {
      this.socket = new WebSocket(url);
    } catch {
      queueMicrotask(() => this.#finish(0));
      return;
    }
    this.socket.addEventListener("message", (event) => this.#receive(event.data));
    this.socket.addEventListener("close", (event) => this.#finish(event.code));
  }

  send(frame) {
    this.socket.send(JSON.stringify(frame));
  }

  /** Asks for a sign of life; a socket that gives none in time is closed. */
  prove() {
    if (!this.opened || this.proofTimer) return;
    this.proofTimer = setTimeout(() => this.close(), PROOF_MS);
    this.send({ type: "ping", id: `ping-${Date.now()}` });
  }

  /** Ends this life now, without waiting for a far end that may be gone. */
  close() {
    this.socket?.close();
    this.#finish(0);
  }

  #receive(data) {
    this.heardAt = Date.now();
    clearTimeout(this.proofTimer);
    this.proofTimer = 0;
    let frame;
    try {
      frame = JSON.parse(data);
    } catch {
      return;
    }
    if (frame?.type === "init") {
      this.opened = true;
      clearTimeout(this.openTimer);
    }
    if (!this.ended && frame && typeof frame === "object") this.hear(frame);
  }

  #checkWhenQuiet() {
    const quiet = Date.now() - this.heardAt > QUIET_MS;
    if (quiet && document.visibilityState === "visible") this.prove();
  }

  #finish(code) {
    if (this.ended) return;
    this.ended = true;
    clearTimeout(this.openTimer);
    clearTimeout(this.proofTimer);
    clearInterval(this.quietTimer);
    this.end(this.opened, code);
  }
}
