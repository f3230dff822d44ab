/**
 * What the operator decided about the page: `page.json`, which the server answers from its own
 * configuration.
 *
 *   { "title": "Acme support", "languages": ["en", "de"], "greeting": null,
 *     "hand_off": { "mail": "…", "phone": "…", "url": "…", "label": "…",
 *                   "webhook": true } | null }
 */
const PLAIN = { title: "Firstline", languages: ["en", "de"], greeting: null, hand_off: null };

export async function settings() {
  try {
    const response = await fetch(new URL("page.json", document.baseURI));
    return { ...PLAIN, ...(response.ok ? await response.json() : {}) };
  } catch {
    return PLAIN;
  }
}
