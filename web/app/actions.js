/** What people can do with messages and with the conversation, by name, for the views to offer. */
import { entry, handOff } from "./connection/api.js";
import { asJson, asMarkdown, download } from "./conversation/exports.js";
import { t } from "./language/catalogue.js";
import { linkTo } from "./links.js";
import { copyText } from "./views/clipboard.js";
import { confirmed } from "./views/confirm.js";
import { toast } from "./views/toast.js";

// Fits a request of 64 KB in any alphabet.
const MOST_HANDED_OVER = 15_000;

// The end of a long talk says what is wanted; it begins at a paragraph.
function theEnd(text, most) {
  if (text.length <= most) return text;
  const cut = text.slice(-most);
  return `…${cut.slice(Math.max(0, cut.indexOf("\n\n")))}`;
}

export function actionsOf({ page, name, transcript, conversation, composer, announcer, browse }) {
  const file = (ending) => `conversation-${new Date().toISOString().slice(0, 10)}.${ending}`;
  const pick = (id, title) => conversation.pick(id, title);

  return {
    pick,
    rate: (item, helpful, comment) => conversation.rate(item.id, helpful, comment),
    browse,
    retry: (item) => conversation.retry(item.id),
    edit: (item) => composer.edit(item),
    showNew: ({ body }) => pick(body.answer.id, body.answer.title),

    /** A link to an answer's entry, or to the question itself. */
    async share(item) {
      const part = item.body?.answer ?? item;
      const id = item.body?.answer.id ?? item.entry;
      const copied = await copyText(linkTo(id ? { entry: id } : { q: part.text }));
      toast(t(copied ? "copied.link" : "copied.not"), announcer);
    },

    /** An entry known only by its id, from a link: its title becomes the question. */
    async openEntry(id) {
      const found = await entry(id).catch(() => ({}));
      pick(id, found.title || id);
    },

    /** The way on to a person from this reply; null where there is none. */
    handOff: (item) =>
      page.hand_off && {
        ...page.hand_off,
        called: item.handedOver,
        transcript: (most) => theEnd(asMarkdown(transcript, name()), most),
        async call(contact) {
          const talk = theEnd(asMarkdown(transcript, name()), MOST_HANDED_OVER);
          await handOff({ contact, session: transcript.session.id, transcript: talk });
          transcript.update(item.id, { handedOver: true });
        },
        subject: t("handOff.subject", { question: transcript.lastQuestion()?.text.slice(0, 80) ?? "" }),
      },

    markdown: () => download(file("md"), "text/markdown", asMarkdown(transcript, name())),
    json: () => download(file("json"), "application/json", asJson(transcript)),

    async startOver() {
      if (await confirmed(t("startOver.question"), t("startOver.consequence"), t("startOver.yes"))) {
        conversation.startOver();
        composer.input.focus();
      }
    },
  };
}
