/** The composition root: builds every part of the page once and introduces them to each other. */
import { deliver } from "./connection/post.js";
import { Link } from "./connection/link.js";
import { Conversation } from "./conversation/conversation.js";
import { Outbox } from "./conversation/outbox.js";
import { Transcript } from "./conversation/transcript.js";
import { preferred, speak, t, translate } from "./language/catalogue.js";
import { applyTheme } from "./theme.js";
import { Announcer } from "./views/announcer.js";
import { paintAvatar } from "./views/avatar.js";
import { Composer } from "./views/composer.js";
import { LogView } from "./views/log.js";
import { Status } from "./views/status.js";

const byId = (id) => document.getElementById(id);

async function settings() {
  const response = await fetch(new URL("page.json", document.baseURI));
  return response.json();
}

function socketAddress({ id, seq }) {
  const address = new URL("ws", document.baseURI);
  address.protocol = address.protocol.replace("http", "ws");
  if (id) address.search = new URLSearchParams({ session: id, after: seq });
  return address;
}

async function open() {
  applyTheme();
  const page = await settings().catch(() => ({ title: "", languages: ["en"] }));
  await speak(preferred(page.languages));
  translate(document);

  const transcript = new Transcript();
  const conversation = new Conversation(transcript);
  const link = new Link({
    address: () => socketAddress(transcript.session),
    deliver: (frame) => deliver(frame, (id) => conversation.earlier(id)),
  });
  const announcer = new Announcer(byId("announcer"));
  const name = () => transcript.session.supporter ?? page.title;
  const composer = new Composer(
    {
      form: byId("composer"),
      input: byId("question"),
      send: byId("send"),
      counter: byId("counter"),
      editing: byId("editing"),
      cancel: byId("cancel"),
    },
    { conversation, transcript },
  );
  const actions = {
    pick: (id, title) => conversation.pick(id, title),
    rate: (item, helpful, comment) => conversation.rate(item.id, helpful, comment),
    retry: (item) => conversation.retry(item.id),
    edit: (item) => composer.edit(item),
    share: () => {},
    showNew: (item) => conversation.pick(item.body.answer.id, item.body.answer.title),
  };
  const introduce = () => {
    byId("name").textContent = name() || t("title");
    paintAvatar(byId("avatar"), name() || t("title"));
    document.title = page.title ? `${page.title} · ${t("title")}` : t("title");
  };
  introduce();
  conversation.addEventListener("supporter", introduce);
  new LogView(byId("log"), { transcript, conversation, announcer, actions, newer: byId("newer"), name });
  new Status(byId("status"), link, announcer);
  conversation.connect(link, new Outbox(transcript, link));
  link.start();
}

open();
