/**
 * What the operator decided about the page: `page.json`, which lies beside it and which the
 * server may answer from its own configuration.
 *
 *   { "title": "Acme support", "languages": ["en", "de"],
 *     "hand_off": { "mail": "…", "phone": "…", "url": "…", "label": "…",
 *                   "webhook": true } | null }
 */
const PLAIN = { title: "Firstline", languages: ["en", "de"], hand_off: null };

export async function settings() {
  try {
    const response = await fetch(new URL("page.json", document.baseURI));
    return { ...PLAIN, ...(response.ok ? await response.json() : {}) };
  } catch {
    return PLAIN;
  }
}
