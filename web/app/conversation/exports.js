/** The conversation as a file: Markdown for people, JSON for programs. */
import { t } from "../language/catalogue.js";
import { inFull } from "../language/clock.js";
import { greetingWords } from "../language/greeting.js";

export function asMarkdown(transcript, name) {
  const { items } = transcript;
  const parts = [`# ${t("export.heading")}`, items.length ? inFull(items[0].at) : ""];
  for (const item of items) {
    if (item.type === "question")
      parts.push(`**${t("message.yours")}** (${inFull(item.at)})`, quoted(item.text));
    if (item.type === "reply") parts.push(`**${item.by ?? name}** (${inFull(item.at)})`, replied(item));
    if (item.type === "notice") parts.push(`*${t(`notice.${item.kind}`, item)}*`);
  }
  return `${parts.filter(Boolean).join("\n\n")}\n`;
}

export function asJson(transcript) {
  const { session, items } = transcript;
  return JSON.stringify(
    { exported_at: new Date().toISOString(), supporter: session.supporter, items },
    null,
    2,
  );
}

/** Hands a file to the browser's downloads. */
export function download(name, type, text) {
  const address = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

const quoted = (text) =>
  text
    .split("\n")
    .map((line) => `> ${line}`)
    .join("\n");

function replied({ kind, body, by }) {
  const offered = (body.suggestions ?? []).map(({ title }) => `- ${title}`).join("\n");
  if (kind === "answer") return answered(body.answer);
  if (kind === "suggestions") return `${t("suggestions.didYouMean")}\n\n${offered}`;
  if (kind === "no_answer") return [t("noAnswer.say"), offered].filter(Boolean).join("\n\n");
  const said = kind === "greeting" ? greetingWords(body.text, by) : body.text || body.answer?.text;
  return [said, offered].filter(Boolean).join("\n\n");
}

function answered({ title, text, source, updated }) {
  const facts = [updated && t("answer.updated", { date: updated }), source && t("answer.source", { source })];
  return [title && `### ${title}`, text, facts.filter(Boolean).join(" · ")].filter(Boolean).join("\n\n");
}
