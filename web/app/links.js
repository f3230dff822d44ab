/**
 * Links to a moment of help: `#q=my+wifi+is+slow` asks, `#entry=router-restart` opens an entry.
 * The address is cleaned once it is acted on, so that a reload does not ask again.
 */
export function linkTo(part) {
  const address = new URL(location.pathname, location.origin);
  address.hash = new URLSearchParams(part).toString();
  return address.href;
}

/** Acts on the address now and whenever it changes; `open.question(text)`, `open.entry(id)`. */
export function followLinks(open) {
  const follow = () => {
    const wanted = new URLSearchParams(location.hash.slice(1));
    const question = wanted.get("q")?.trim();
    const entry = wanted.get("entry")?.trim();
    if (!question && !entry) return;
    history.replaceState(null, "", location.pathname + location.search);
    if (question) open.question(question);
    else open.entry(entry);
  };
  window.addEventListener("hashchange", follow);
  follow();
}
