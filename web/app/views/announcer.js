/**
 * Says what was added, once, to people who listen to the page. The log itself is not live: a live
 * history is read again from the top by some screen readers whenever anything in it changes.
 */
const STAYS_MS = 8_000;

export class Announcer {
  constructor(region) {
    this.region = region;
  }

  say(text) {
    if (!text) return;
    const line = document.createElement("p");
    line.textContent = text;
    this.region.append(line);
    setTimeout(() => line.remove(), STAYS_MS);
  }
}
