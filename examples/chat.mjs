// A conversation over the WebSocket that survives a lost connection: each question has an id of
// ours, and after a break we come back with the session and the last seq we have seen.
//   node examples/chat.mjs "printer says offline" "and on my mac?"
const server = globalThis.process?.env.FIRSTLINE_URL ?? "http://localhost:2000";
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

export class Chat {
  #socket = null;
  #session = "";
  #seq = 0;
  #waiting = new Map(); // our id -> who waits for its reply
  supporter = "";

  connect() {
    const query = this.#session ? `?session=${this.#session}&after=${this.#seq}` : "";
    return new Promise((ready, failed) => {
      const socket = new WebSocket(server.replace(/^http/, "ws") + "/ws" + query);
      this.#socket = socket;
      socket.onmessage = ({ data }) => {
        const frame = JSON.parse(data);
        if (frame.type === "init") {
          this.#session = frame.session;
          this.supporter = frame.supporter_name;
          ready();
        }
        this.#seq = Math.max(this.#seq, frame.seq ?? 0);
        if (frame.type === "message" || frame.type === "error") this.#waiting.get(frame.reply_to)?.done(frame);
      };
      socket.onclose = () => {
        failed(new Error("The server cannot be reached."));
        for (const { lost } of this.#waiting.values()) lost();
      };
    });
  }

  async ask(id, text) {
    for (const ms of [0, 500, 1000, 2000, 4000]) {
      await pause(ms);
      try {
        if (this.#socket?.readyState !== WebSocket.OPEN) await this.connect();
        return await new Promise((done, lost) => {
          this.#waiting.set(id, { done, lost });
          this.#socket.send(JSON.stringify({ type: "question", id, text })); // repeated: not asked twice
        });
      } catch {
        // Again, after a pause.
      } finally {
        this.#waiting.delete(id);
      }
    }
    throw new Error("The server cannot be reached.");
  }

  close() {
    this.#socket?.close();
  }
}

const chat = new Chat();
await chat.connect();
console.log(`You are talking to ${chat.supporter}.`);
let number = 0;
for (const text of process.argv.slice(2)) {
  const reply = await chat.ask(`q${++number}`, text);
  console.log(`\n> ${text}\n${reply.text}`);
  for (const { title } of reply.suggestions ?? []) console.log(`- ${title}`);
}
chat.close();
