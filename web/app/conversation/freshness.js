/**
 * When the server opens a new index, the answers on the page may be out of date: each is compared
 * with the entry as it is now and marked if it changed or is gone.
 */
import { entry, Refused } from "../connection/api.js";

const MOST_CHECKED = 20;

export async function markChanged(transcript) {
  const shown = new Map();
  for (const item of transcript.items) {
    if (item.type === "reply" && item.kind === "answer" && item.body.answer?.id) {
      shown.set(item.body.answer.id, [...(shown.get(item.body.answer.id) ?? []), item]);
    }
  }
  for (const [id, items] of [...shown].slice(-MOST_CHECKED)) {
    let now;
    try {
      now = await entry(id);
    } catch (error) {
      if (!(error instanceof Refused && error.status === 404)) return;
    }
    for (const item of items) {
      const changed = now === undefined ? "removed" : differs(item.body.answer, now) ? "changed" : null;
      if ((item.changed ?? null) !== changed) transcript.update(item.id, { changed });
    }
  }
}

const differs = (then, now) => then.title !== now.title || then.text !== now.text || then.html !== now.html;
