/** What the supporter says: an answer, a did-you-mean, a refusal, small talk or the greeting. */
import { h, icon, iconButton } from "../element.js";
import { t } from "../language/catalogue.js";
import { timeStamp } from "../language/clock.js";
import { greetingWords } from "../language/greeting.js";
import { answerBody, paragraphs, related } from "./answer.js";
import { avatar } from "./avatar.js";
import { commentForm, FeedbackView } from "./feedback.js";
import { handOff } from "./handoff.js";
import { suggestionButtons } from "./suggestions.js";
import { WhyView } from "./why.js";

const RATED = new Set(["answer", "suggestions", "no_answer"]);

export class ReplyView {
  /** `actions`: pick(id, title), rate(item, helpful, comment), share(item, button), showNew(item), handOff(). */
  constructor(item, name, actions) {
    this.item = item;
    this.actions = actions;
    const { kind, body } = item;
    const parts = bodies[kind] ?? bodies.smalltalk;
    this.mark = h("div", { class: "changed", hidden: true });
    this.bubble = h("div", { class: "bubble" }, corrected(body), this.mark, ...parts(item, actions, name));
    this.element = h(
      "article",
      {
        class: `message from-supporter kind-${kind}`,
        tabindex: -1,
        "aria-label": t("message.theirs", { name }),
        "data-testid": "message",
        "data-kind": kind,
        data: { id: item.id, entry: body.answer?.id ?? "" },
      },
      avatar(name),
      h("div", { class: "said" }, this.bubble, this.#below()),
    );
    this.update(item);
  }

  update(item) {
    this.item = item;
    this.feedback?.update(item);
    this.#markChanged(item);
  }

  #below() {
    const { kind, body, at } = this.item;
    const below = h("div", { class: "below" });
    if (!RATED.has(kind)) {
      below.append(timeStamp(at));
      return below;
    }
    if (body.request_id)
      this.feedback = new FeedbackView(this.item, {
        rate: (...rating) => this.actions.rate(this.item, ...rating),
        // A refusal shows the way on to a person by itself.
        wayOn: () => kind !== "no_answer" && handOff(this.actions.handOff(this.item)),
      });
    const why = body.hits ? new WhyView(this.item) : null;
    below.append(
      ...[
        this.feedback?.thumbs,
        body.answer?.id &&
          iconButton("link-45deg", t("answer.share"), {
            "data-testid": "share-answer",
            on: { click: (event) => this.actions.share(this.item, event.currentTarget) },
          }),
        why?.button,
        timeStamp(at),
        this.feedback?.thanks,
      ].filter(Boolean),
    );
    return h("div", {}, below, this.feedback?.below, why?.panel);
  }

  #markChanged({ changed }) {
    this.mark.hidden = !changed;
    if (!changed) return this.mark.replaceChildren();
    const again = h(
      "button",
      { type: "button", class: "btn btn-sm btn-link", on: { click: () => this.actions.showNew(this.item) } },
      t("changed.show"),
    );
    this.mark.replaceChildren(t(`changed.${changed}`), " ", changed === "changed" ? again : "");
  }
}

function corrected({ question }) {
  if (!question?.corrected || question.corrected === question.text) return null;
  return h(
    "p",
    { class: "corrected", "data-testid": "corrected" },
    t("answer.corrected", { text: question.corrected }),
  );
}

/** How sure the server is, in words; the probability is under "Why this answer?". */
export function confidenceKey(confidence) {
  if (confidence >= 0.9) return "confidence.high";
  return confidence >= 0.7 ? "confidence.medium" : "confidence.low";
}

const bodies = {
  answer({ body }, { pick }) {
    const sure = typeof body.confidence === "number";
    return [
      ...answerBody(body.answer, pick),
      sure && h("p", { class: "confidence", "data-testid": "confidence" }, t(confidenceKey(body.confidence))),
      related(body.answer, pick),
    ].filter(Boolean);
  },

  smalltalk({ body }, { pick }) {
    const said = body.answer?.html
      ? answerBody({ html: body.answer.html }, pick)
      : paragraphs(body.text ?? body.answer?.text);
    return [...said, ...offers(body, pick)];
  },

  greeting({ body }, { pick }, name) {
    return [...paragraphs(greetingWords(body.text, name)), ...offers(body, pick, t("suggestions.starters"))];
  },

  suggestions({ body }, { pick }) {
    return [
      h("p", {}, t("suggestions.didYouMean")),
      ...offers(body, pick),
      h("p", { class: "hint" }, t("suggestions.orTypeOn")),
    ];
  },

  no_answer(item, actions) {
    const { body } = item;
    const nearest = body.suggestions?.length
      ? body.suggestions
      : (body.hits ?? []).map(({ id, title }) => ({ id, title }));
    const hoped = commentForm(
      t("noAnswer.hoped"),
      (words) => {
        actions.rate(item, false, words);
        hoped.replaceWith(h("p", { class: "thanks", role: "status" }, t("feedback.thanks")));
      },
      "hoped",
    );
    return [
      h("p", {}, t("noAnswer.say")),
      nearest.length && h("p", { class: "hint" }, t("noAnswer.nearest")),
      nearest.length
        ? suggestionButtons(nearest, actions.pick, t("noAnswer.nearest"))
        : h(
            "button",
            {
              type: "button",
              class: "btn btn-sm btn-outline-accent",
              "data-testid": "browse-instead",
              on: { click: actions.browse },
            },
            icon("collection"),
            t("browse.open"),
          ),
      handOff(actions.handOff(item)),
      item.feedback?.comment || !body.request_id ? null : hoped,
    ].filter(Boolean);
  },
};

function offers({ suggestions = [] }, pick, label = t("suggestions.label")) {
  return suggestions.length ? [suggestionButtons(suggestions, pick, label)] : [];
}

/** One reply as plain words, for the announcer. */
export function spoken(item, name) {
  const { kind, body } = item;
  const words = {
    answer: () => [body.answer.title, body.answer.text].filter(Boolean).join(". "),
    suggestions: () => [t("suggestions.didYouMean"), ...body.suggestions.map(({ title }) => title)].join(" "),
    no_answer: () => t("noAnswer.say"),
    greeting: () => greetingWords(body.text, name),
  }[kind];
  return `${name}: ${words ? words() : body.text || body.answer?.text || ""}`;
}
