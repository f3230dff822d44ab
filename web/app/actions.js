/** What people can do with messages and with the conversation, by name, for the views to offer. */
import { entry, handOff } from "./connection/api.js";
import { asJson, asMarkdown, download } from "./conversation/exports.js";
import { t } from "./language/catalogue.js";
import { linkTo } from "./links.js";
import { copyText } from "./views/clipboard.js";
import { confirmed } from "./views/confirm.js";
import { toast } from "./views/toast.js";

export function actionsOf({ page, name, transcript, conversation, composer, announcer }) {
  const file = (ending) => `conversation-${new Date().toISOString().slice(0, 10)}.${ending}`;
  const pick = (id, title) => conversation.pick(id, title);

  return {
    pick,
    rate: (item, helpful, comment) => conversation.rate(item.id, helpful, comment),
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

    handOff: () =>
      page.hand_off && {
        ...page.hand_off,
        transcript: () => asMarkdown(transcript, name()),
        call: (contact) =>
          handOff({ contact, session: transcript.session.id, transcript: asMarkdown(transcript, name()) }),
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
