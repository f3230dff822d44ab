/** The server's HTTP routes, relative to the page so that a path prefix in front of it works. */

/** A refusal by the server: its problem+json, with a stable `code`. */
export class Refused extends Error {
  constructor(status, problem) {
    super(problem.detail ?? problem.title ?? String(status));
    this.status = status;
    this.code = problem.code ?? "internal_error";
  }
}

/** The server could not be reached at all. */
export class Unreachable extends Error {}

async function call(path, options = {}) {
  let response;
  try {
    response = await fetch(new URL(path, document.baseURI), {
      signal: AbortSignal.timeout(20_000),
      ...options,
    });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Unreachable(error.message);
  }
  const text = await response.text();
  let body = {};
  try {
    body = text ? JSON.parse(text) : {};
  } catch {
    // A proxy's HTML error page, most likely: the status says enough.
  }
  if (response.ok) return body;
  if (response.status >= 502 && response.status <= 504 && !body.code)
    throw new Unreachable(String(response.status));
  throw new Refused(response.status, body);
}

const post = (path, body) =>
  call(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });

export const ask = (body) => post("v1/ask", body);
export const sendFeedback = (body) => post("v1/feedback", body);
export const handOff = (body) => post("v1/handoff", body);
/** The journal in figures; needs the admin token. */
export const insights = (days, token) =>
  call(`v1/insights?${new URLSearchParams({ days })}`, { headers: { Authorization: `Bearer ${token}` } });
export const entry = (id) => call(`v1/entries/${encodeURIComponent(id)}`);
export const entries = (query = {}) => call(`v1/entries?${new URLSearchParams(query)}`);
export const suggest = (q, limit, signal) =>
  call(`v1/suggest?${new URLSearchParams({ q, limit })}`, { signal });

/** Whether the server answers over plain HTTP. */
export async function alive() {
  try {
    const response = await fetch(new URL("healthz", document.baseURI), {
      cache: "no-store",
      signal: AbortSignal.timeout(4_000),
    });
    return response.ok;
  } catch {
    return false;
  }
}
