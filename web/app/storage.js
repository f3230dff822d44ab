/**
 * The browser's storage, which may be full, blocked or absent (private windows, sandboxed
 * frames). The chat then still works; it only forgets on reload.
 */
function shelf(open) {
  const act = (action, otherwise) => {
    try {
      return action(open());
    } catch {
      return otherwise;
    }
  };
  return {
    read: (key) => act((area) => JSON.parse(area.getItem(key)), null),
    write: (key, value) => act((area) => (area.setItem(key, JSON.stringify(value)), true), false),
    remove: (key) => act((area) => area.removeItem(key), undefined),
  };
}

/** Survives the tab and the browser. */
export const lasting = shelf(() => window.localStorage);

/** Survives a reload of this tab. */
export const passing = shelf(() => window.sessionStorage);
