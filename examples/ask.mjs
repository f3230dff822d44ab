// Ask over HTTP, then say whether it helped. In Node 18+ and, without its last lines, in browsers.
//   node examples/ask.mjs "my wifi is slow"
const server = globalThis.process?.env.FIRSTLINE_URL ?? "http://localhost:2000";

export async function post(path, fields) {
  const response = await fetch(server + path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(fields),
  });
  const body = await response.json();
  // A refusal: detail is a sentence for people, code is for programs.
  if (!response.ok) throw new Error(`${body.code}: ${body.detail}`);
  return body;
}

export async function ask(question) {
  const reply = await post("/v1/ask", { question });
  await post("/v1/feedback", { request_id: reply.request_id, helpful: reply.answer !== null });
  return reply;
}

const question = process.argv.slice(2).join(" ");
try {
  const { answer, suggestions } = await ask(question);
  if (answer) console.log(`${answer.title}\n\n${answer.text}`);
  else if (suggestions.length) console.log("Did you mean:", ...suggestions.map(({ title }) => `\n- ${title}`));
  else console.log("Nothing is known about that.");
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
