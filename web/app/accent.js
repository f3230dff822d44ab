/** The accent colour that a host page chose, with whatever reads best on it. */
export function paintAccent(color) {
  if (!/^#[0-9a-f]{6}$/i.test(color ?? "")) return;
  const root = document.documentElement.style;
  root.setProperty("--fl-accent", color);
  root.setProperty("--fl-on-accent", contrastOn(color));
}

/** White or black, whichever has the larger contrast (WCAG relative luminance). */
export function contrastOn(color) {
  const [red, green, blue] = [1, 3, 5]
    .map((at) => Number.parseInt(color.slice(at, at + 2), 16) / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  const luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  return 1.05 / (luminance + 0.05) >= (luminance + 0.05) / 0.05 ? "#fff" : "#000";
}
