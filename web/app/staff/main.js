/**
 * The composition root of the staff page: the door, and behind it insights and the knowledge base.
 *
 *   #insights   #entries   #entry=ID
 */
import { speak, preferred, t, translate } from "../language/catalogue.js";
import { h } from "../element.js";
import { settings } from "../settings.js";
import { applyTheme } from "../theme.js";
import { Announcer } from "../views/announcer.js";
import { Menu } from "../views/menu.js";
import { Door } from "./door.js";
import { InsightsView } from "./insights.js";
import { KnowledgeView } from "./knowledge.js";

const byId = (id) => document.getElementById(id);
const PLACES = ["insights", "entries"];

async function open() {
  applyTheme();
  const page = await settings();
  await speak(preferred(page.languages));
  const content = byId("content");
  const announcer = new Announcer(byId("announcer"));
  const door = new Door(() => {
    show();
    // The form that had the focus is gone.
    if (door.isOpen) content.focus();
  });
  const views = {
    insights: new InsightsView(door, announcer),
    entries: new KnowledgeView(door),
  };

  const wanted = () => {
    const asked = new URLSearchParams(location.hash.slice(1));
    if (asked.has("entry")) return { place: "entries", entry: asked.get("entry") };
    return { place: PLACES.find((place) => asked.has(place)) ?? "insights", entry: null };
  };

  const drawPlaces = () => {
    const here = wanted().place;
    const link = (place) =>
      h("a", { href: `#${place}`, "aria-current": place === here && "page" }, t(`staff.${place}`));
    byId("places").replaceChildren(...(door.isOpen ? PLACES.map(link) : []));
    document.title = `${t(`staff.${here}`)} · ${page.title} · ${t("staff.title")}`;
  };

  const show = () => {
    const { place, entry } = wanted();
    drawPlaces();
    menu.draw();
    if (!door.isOpen) return content.replaceChildren(door.element);
    const view = views[place];
    if (view.element.parentNode !== content) content.replaceChildren(view.element);
    view.show(entry);
  };

  const menu = new Menu(byId("tools"), {
    languages: page.languages,
    async speak(language) {
      await speak(language);
      translate(document);
      for (const part of [door, ...Object.values(views)]) part.draw();
      show();
    },
    offers: () =>
      door.isOpen
        ? [{ symbol: "box-arrow-right", words: t("staff.leave"), act: () => door.leave(), name: "leave" }]
        : [],
  });

  translate(document);
  window.addEventListener("hashchange", show);
  await door.tryKept();
  show();
}

open();
