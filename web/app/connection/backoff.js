/**
 * How long to wait before trying again: doubling from half a second up to half a minute, with
 * half of it left to chance so that a restarted server is not met by everybody at once.
 */
const FIRST_MS = 500;
const LONGEST_MS = 30_000;

export function delayMs(attempt, chance = Math.random()) {
  const ceiling = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempt, 10));
  return Math.round(ceiling / 2 + (ceiling / 2) * chance);
}
