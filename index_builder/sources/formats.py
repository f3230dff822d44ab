"""Every format by name, in the order in which they are tried on a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from index_builder.sources import (
    chatterbot,
    docs,
    faq_jsonld,
    freshdesk,
    html_pages,
    intents,
    intercom,
    json_lines,
    markdown,
    pdf,
    qna_json,
    qna_text,
    qna_tsv,
    rasa,
    stackexchange,
    tables,
    word,
    zendesk,
)
from index_builder.sources.drafts import Item
from index_builder.sources.files import Batch
from index_builder.sources.format import Format, Head


def _format(
    name: str,
    what: str,
    suffixes: str,
    recognise: Callable[[Head], bool],
    read: Callable[[Batch], Iterator[Item]],
) -> tuple[str, Format]:
    return name, Format(name, what, frozenset(suffixes.split()), recognise, read)


def _by_ending(head: Head) -> bool:
    return bool(head.suffix)


FORMATS: dict[str, Format] = dict(
    (
        _format(
            "markdown",
            "Firstline entries: Markdown files with our front matter",
            ".md .markdown",
            markdown.recognise,
            markdown.read,
        ),
        _format(
            "docs",
            "a documentation site: Markdown files with other front matter or none",
            ".md .markdown .mdx",
            _by_ending,
            docs.read,
        ),
        _format(
            "qna-tsv",
            "QnA Maker, exported as TSV",
            ".tsv .txt .tab",
            qna_tsv.recognise,
            qna_tsv.read,
        ),
        _format(
            "csv",
            "a table with the columns question and answer, as CSV or TSV",
            ".csv .tsv .tab .txt",
            tables.recognise,
            tables.read,
        ),
        _format(
            "intents-json",
            "intents.json of the chatbot tutorials",
            ".json",
            intents.recognise,
            intents.read,
        ),
        _format(
            "qna-json",
            "QnA Maker or custom question answering, exported as JSON",
            ".json",
            qna_json.recognise,
            qna_json.read,
        ),
        _format(
            "faq-jsonld",
            "a schema.org FAQPage as JSON-LD",
            ".json .jsonld",
            faq_jsonld.recognise,
            faq_jsonld.read,
        ),
        _format(
            "chatterbot",
            "a ChatterBot corpus in YAML or JSON",
            ".yml .yaml .json",
            chatterbot.recognise,
            chatterbot.read,
        ),
        _format(
            "rasa", "a Rasa project: nlu and responses", ".yml .yaml", rasa.recognise, rasa.read
        ),
        _format("intercom", "Intercom articles", ".json", intercom.recognise, intercom.read),
        _format("freshdesk", "Freshdesk articles", ".json", freshdesk.recognise, freshdesk.read),
        _format("zendesk", "Zendesk Guide articles", ".json", zendesk.recognise, zendesk.read),
        _format(
            "jsonl",
            "questions and answers as JSON lines or one JSON list",
            ".jsonl .ndjson .json",
            json_lines.recognise,
            json_lines.read,
        ),
        _format(
            "qna", "a .qna file of the Bot Framework", ".qna", qna_text.recognise, qna_text.read
        ),
        _format(
            "stackexchange",
            "a StackExchange dump: Posts.xml, with PostLinks.xml if there is one",
            ".xml",
            stackexchange.recognise,
            stackexchange.read,
        ),
        _format(
            "html",
            "a folder of HTML pages",
            ".html .htm .xhtml",
            html_pages.recognise,
            html_pages.read,
        ),
        _format(
            "word", "Word documents (extra: documents)", ".docx .doc", word.recognise, word.read
        ),
        _format("pdf", "PDF files (extra: documents)", ".pdf", pdf.recognise, pdf.read),
    )
)
