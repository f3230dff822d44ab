/**
 * Carries one frame over HTTP and gives back the frame a WebSocket would have brought: the page
 * behaves alike where WebSockets are blocked.
 */
import { ask, entry, Refused, sendFeedback } from "./api.js";

/** `earlier()` gives the questions asked before this one, which a session would remember. */
export async function deliver(frame, earlier) {
  try {
    return { reply_to: frame.id, ...(await answerTo(frame, earlier)) };
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return { type: "error", reply_to: frame.id, code: error.code, text: error.message };
  }
}

async function answerTo(frame, earlier) {
  if (frame.type === "question") {
    const reply = await ask({ question: frame.text, context: earlier(frame.id), explain: true });
    return { type: "message", kind: reply.outcome, ...reply };
  }
  if (frame.type === "pick") {
    return { type: "message", kind: "answer", outcome: "answer", answer: await entry(frame.entry) };
  }
  const { request_id, helpful, comment, entry_id } = frame;
  await sendFeedback({ request_id, helpful, comment, entry_id });
  return { type: "ack" };
}
