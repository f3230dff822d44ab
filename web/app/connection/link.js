/**
 * The line to the server, kept up for as long as the page is open.
 *
 *   connecting -> online -> reconnecting -> online …
 *                    |           |
 *                    |           +-> offline   the browser says there is no network
 *                    +-> post                  WebSockets are blocked, HTTP is not
 *
 * Emits `state` when the state changes, `ready` when questions can be sent, `down` when they no
 * longer can, and `frame` for every frame. In the `post` state frames travel as HTTP requests and
 * come back as the same frames, so nobody above this module needs to know.
 */
import { alive } from "./api.js";
import { delayMs } from "./backoff.js";
import { Socket } from "./socket.js";

// One refused attempt may be a server that is just starting; two, with HTTP answering, are a
// proxy or a policy that blocks WebSockets.
const ATTEMPTS_BEFORE_POST = 2;
const TRY_SOCKET_AGAIN_MS = 120_000;
// A server that greets and hangs up at once must not be called again at once for ever.
const STEADY_MS = 5_000;

export class Link extends EventTarget {
  /** `address()` gives the WebSocket URL to open now; `deliver(frame)` carries one by HTTP. */
  constructor({ address, deliver }) {
    super();
    this.address = address;
    this.deliver = deliver;
    this.state = "connecting";
    this.retryAt = 0;
    this.attempt = 0;
    this.openedAt = 0;
    this.timer = 0;
    this.socket = null;
    this.ready = false;
  }

  start() {
    for (const type of ["online", "focus"]) window.addEventListener(type, () => this.#comeBack());
    window.addEventListener("offline", () => this.socket?.prove());
    window.addEventListener("pageshow", (event) => event.persisted && this.#comeBack());
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") this.#comeBack();
    });
    this.#connect();
  }

  /** Tries now instead of when the wait is over. */
  retryNow() {
    if (this.socket || this.state === "post") return;
    this.#connect();
  }

  /** Leaves the present session and opens the line afresh. */
  restart() {
    this.attempt = this.state === "post" ? ATTEMPTS_BEFORE_POST - 1 : 0;
    this.state = "connecting";
    const old = this.socket;
    this.socket = null;
    old?.close();
    this.#setReady(false);
    this.#connect();
  }

  /** Sends one frame; only while `ready`. */
  send(frame) {
    if (this.state !== "post") return this.socket.send(frame);
    this.deliver(frame).then(
      (reply) => this.#emit("frame", reply),
      () => this.#lost(),
    );
  }

  #connect() {
    clearTimeout(this.timer);
    if (this.state !== "post") this.#setState(this.attempt ? "reconnecting" : "connecting");
    const socket = new Socket(this.address(), {
      hear: (frame) => this.socket === socket && this.#hear(frame),
      end: (opened) => this.socket === socket && this.#ended(opened),
    });
    this.socket = socket;
  }

  #hear(frame) {
    if (frame.type === "init") {
      this.openedAt = Date.now();
      this.#setState("online");
      this.#emit("frame", frame);
      this.#setReady(true);
    } else if (frame.type !== "pong" && !String(frame.reply_to ?? "").startsWith("ping-")) {
      this.#emit("frame", frame);
    }
  }

  async #ended(opened) {
    this.socket = null;
    if (this.state === "post") return this.#trySocketLater();
    this.#setReady(false);
    const lasted = opened && Date.now() - this.openedAt > STEADY_MS;
    this.attempt = lasted ? 1 : this.attempt + 1;
    const blocked = !opened && this.attempt >= ATTEMPTS_BEFORE_POST && (await alive());
    if (this.socket) return;
    if (blocked) this.#usePost();
    else this.#wait();
  }

  #wait() {
    const delay = delayMs(this.attempt - 1);
    this.retryAt = Date.now() + delay;
    this.#setState(navigator.onLine === false ? "offline" : "reconnecting");
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.#connect(), delay);
  }

  #usePost() {
    this.#setState("post");
    this.#emit("frame", { type: "init", session: null, supporter_name: null, resumed: false });
    this.#setReady(true);
    this.#trySocketLater();
  }

  #trySocketLater() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.#connect(), TRY_SOCKET_AGAIN_MS);
  }

  #lost() {
    if (this.state !== "post") return;
    this.#setReady(false);
    this.attempt = Math.max(1, this.attempt);
    this.#wait();
  }

  #comeBack() {
    if (this.socket) this.socket.prove();
    else this.retryNow();
  }

  #setState(state) {
    this.state = state;
    if (state !== "reconnecting" && state !== "offline") this.retryAt = 0;
    this.#emit("state", { state, retryAt: this.retryAt });
  }

  #setReady(ready) {
    if (this.ready === ready) return;
    this.ready = ready;
    this.#emit(ready ? "ready" : "down");
  }

  #emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
