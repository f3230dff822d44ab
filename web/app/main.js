/** The composition root: builds every part of the page once and introduces them to each other. */
import { Link } from "./connection/link.js";
import { deliver } from "./connection/post.js";
import { Conversation } from "./conversation/conversation.js";
import { markChanged } from "./conversation/freshness.js";
import { Outbox } from "./conversation/outbox.js";
import { Transcript } from "./conversation/transcript.js";
import { preferred, speak, t, translate } from "./language/catalogue.js";
import { joinHost, wishes } from "./embedded.js";
import { greetInOwnWords } from "./language/greeting.js";
import { followLinks } from "./links.js";
import { settings } from "./settings.js";
import { applyTheme } from "./theme.js";
import { actionsOf } from "./actions.js";
import { Announcer } from "./views/announcer.js";
import { Browse } from "./views/browse.js";
import { Composer } from "./views/composer.js";
import { LogView } from "./views/log.js";
import { Menu } from "./views/menu.js";
import { showName } from "./views/header.js";
import { Status } from "./views/status.js";
import { Typeahead } from "./views/typeahead.js";
import { Unread } from "./views/unread.js";

const byId = (id) => document.getElementById(id);
const definedOnly = (fields) => Object.fromEntries(Object.entries(fields).filter(([, value]) => value));
const nodes = (...ids) => Object.fromEntries(ids.map((id) => [id, byId(id)]));

function socketAddress({ id, seq }) {
  const address = new URL("ws", document.baseURI);
  address.protocol = address.protocol.replace("http", "ws");
  if (id) address.search = new URLSearchParams({ session: id, after: seq });
  return address;
}

async function open() {
  applyTheme();
  const page = { ...(await settings()), ...definedOnly(wishes) };
  await speak(preferred(page.languages));
  translate(document);
  greetInOwnWords(page.greeting);

  const transcript = new Transcript();
  const conversation = new Conversation(transcript);
  const link = new Link({
    address: () => socketAddress(transcript.session),
    deliver: (frame) => deliver(frame, (id) => conversation.earlier(id)),
  });
  const name = () => transcript.session.supporter ?? page.title;
  const announcer = new Announcer(byId("announcer"));
  const composer = new Composer(nodes("composer", "question", "send", "counter", "editing", "cancel"), {
    conversation,
    transcript,
  });
  const actions = actionsOf({ page, name, transcript, conversation, composer, announcer, browse: () => browse.open() });
  const log = new LogView(byId("log"), {
    transcript,
    conversation,
    announcer,
    actions,
    newer: byId("newer"),
    name,
  });
  const status = new Status(byId("status"), link, announcer);
  const browse = new Browse({ place: byId("tools"), dialog: byId("browse"), pick: actions.pick });
  const unread = new Unread(
    byId("log"),
    () => `${page.title} · ${t("title")}`,
    (count) => host.tellUnread(count),
  );
  new Typeahead({
    input: byId("question"),
    list: byId("typeahead"),
    announcer,
    pick: composer.pick.bind(composer),
  });

  const say = async (language) => {
    await speak(language);
    translate(document);
    for (const part of [log, status, browse, menu, composer, host]) part.draw();
    unread.write();
  };
  const menu = new Menu(byId("tools"), {
    languages: page.languages,
    speak: say,
    offers: () => [
      { symbol: "filetype-md", words: t("menu.markdown"), act: actions.markdown, name: "download-markdown" },
      { symbol: "filetype-json", words: t("menu.json"), act: actions.json, name: "download-json" },
      { symbol: "arrow-clockwise", words: t("menu.startOver"), act: actions.startOver, name: "start-over" },
    ],
  });

  const host = joinHost(byId("tools"), byId("log"), {
    ask: (text) => conversation.ask(text),
    focus: () => composer.input.focus(),
    away: (away) => unread.setAway(away),
  });

  const introduce = () => showName(nodes("name", "avatar"), name());
  conversation.addEventListener("supporter", introduce);
  conversation.addEventListener("indexChanged", () => markChanged(transcript));
  introduce();

  conversation.connect(link, new Outbox(transcript, link));
  link.start();
  followLinks({ question: (text) => conversation.ask(text), entry: (id) => actions.openEntry(id) });
}

open();
