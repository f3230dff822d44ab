"""
Every error Firstline raises on purpose.

* :exc:`FirstlineError`
    * :exc:`QuestionError`, what a person sent cannot be asked
        * :exc:`QuestionEmpty`
        * :exc:`QuestionTooLong`
        * :exc:`QuestionNotText`
    * :exc:`MessageInvalid`, a frame or body that is not of the protocol
    * :exc:`EntryNotFound`
    * :exc:`IndexUnavailable`, no index is open
    * :exc:`Busy`, too many questions are waiting
    * :exc:`DeadlineExceeded`
    * :exc:`RequestRefused`, the request never reached its route
        * :exc:`HostRefused`
        * :exc:`OriginRefused`
        * :exc:`TokenRefused`
        * :exc:`BodyTooSlow`
        * :exc:`TooManyConnections`
        * :exc:`RateLimited`, this client asks for more than its share
        * :exc:`UpgradeRequired`
    * :exc:`ServerUnreachable`, what ``firstline ask --url`` finds where no server is
    * :exc:`ArtefactError`, the folder on disk cannot be served
        * :exc:`ArtefactMissing`
        * :exc:`ArtefactDamaged`
        * :exc:`ArtefactVersion`
        * :exc:`ArtefactUnsigned`
        * :exc:`ArtefactModel`, its vectors are another model's
    * :exc:`EncodingFailed`, a question could not be turned into a vector
        * :exc:`EncodingSlow`
    * :exc:`CorpusError`, the knowledge base cannot be built
    * :exc:`EntryInvalid`, one entry breaks its own rules
    * :exc:`DataSetError`, a labelled set cannot be evaluated
    * :exc:`JournalUnavailable`, nothing can be written to or read from the journal now
        * :exc:`JournalVersion`
    * :exc:`HandOffOff`, no webhook takes conversations over
    * :exc:`HandOffFailed`, the webhook did not take this one
    * :exc:`ConfigError`
        * :exc:`ModelUnusable`, the folder of an embedding model is not one
    * :exc:`ClusterUnavailable`, no Ray cluster where one was named

Each message says what happened, to what, and what to do next. ``code`` is stable: clients may
branch on it, and ``service.edge.refusals`` turns it into a status or a close code.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class FirstlineError(Exception):
    """The root. ``str(error)`` is a sentence for a person."""

    code = "internal_error"
    # Seconds until trying again makes sense, where this one error knows better than its code.
    retry_after_s: int | None = None


class QuestionError(FirstlineError):
    """The question cannot be asked as it was sent."""

    code = "question_invalid"


class QuestionEmpty(QuestionError):
    """Nothing but white space was asked."""

    code = "question_empty"


class QuestionTooLong(QuestionError):
    """More characters than the limit."""

    code = "question_too_long"


class QuestionNotText(QuestionError):
    """Not a string, or one with surrogates or control characters."""

    code = "question_not_text"


class MessageInvalid(FirstlineError):
    """A frame or body that the protocol does not know."""

    code = "message_invalid"


class EntryNotFound(FirstlineError):
    """No entry has this id in the generation being served."""

    code = "entry_not_found"


class IndexUnavailable(FirstlineError):
    """No index is open yet."""

    code = "index_unavailable"


class Busy(FirstlineError):
    """The queue of waiting questions is full."""

    code = "busy"


class DeadlineExceeded(FirstlineError):
    """The answer was not ready in time."""

    code = "deadline_exceeded"


class RequestRefused(FirstlineError):
    """The request is refused before its route looks at it."""

    code = "request_refused"


class HostRefused(RequestRefused):
    """The Host header names a machine this server does not speak for."""

    code = "host_refused"


class OriginRefused(RequestRefused):
    """A browser sent it for a page of another site."""

    code = "origin_refused"


class TokenRefused(RequestRefused):
    """The admin token is absent or wrong."""

    code = "unauthorized"


class BodyTooSlow(RequestRefused):
    """The body did not arrive in time."""

    code = "request_timeout"


class TooManyConnections(RequestRefused):
    """As many conversations are open as the configuration allows."""

    code = "too_many_connections"


class RateLimited(RequestRefused):
    """A client took more than its share; others must not wait for that."""

    code = "rate_limited"

    def __init__(self, text: str, retry_after_s: int) -> None:
        super().__init__(text)
        self.retry_after_s = retry_after_s


class UpgradeRequired(RequestRefused):
    """A plain request came to the address of the WebSocket."""

    code = "upgrade_required"


class ServerUnreachable(FirstlineError):
    """Nobody answers at the address, or not as Firstline."""

    code = "server_unreachable"


class ArtefactError(FirstlineError):
    """The index on disk cannot be served."""

    code = "index_invalid"


class ArtefactMissing(ArtefactError):
    """No index where one was expected."""

    code = "index_missing"


class ArtefactDamaged(ArtefactError):
    """A file's size, checksum or content is not what the manifest says."""

    code = "index_damaged"


class ArtefactVersion(ArtefactError):
    """Written by another format version."""

    code = "index_version"


class ArtefactUnsigned(ArtefactError):
    """A key is configured and the generation is not signed with it."""

    code = "index_unsigned"


class ArtefactModel(ArtefactError):
    """Its vectors were made by another model than the server's, or it has none."""

    code = "index_model"


class EncodingFailed(FirstlineError):
    """The embedding model could not read a text; the words still answer."""

    code = "encoding_failed"


class EncodingSlow(EncodingFailed):
    """It did not read the text within its time budget."""

    code = "encoding_slow"


class EntryInvalid(FirstlineError):
    """An entry that breaks its own invariants."""

    code = "entry_invalid"


class DataSetError(FirstlineError):
    """A labelled data set that cannot be evaluated; the message names file and line."""

    code = "dataset_invalid"


class JournalUnavailable(FirstlineError):
    """The journal cannot be written or read now; answering goes on."""

    code = "journal_unavailable"


class JournalVersion(JournalUnavailable):
    """Written by another version of the schema."""

    code = "journal_version"


class HandOffOff(FirstlineError):
    """The operator has configured no webhook for conversations."""

    code = "hand_off_off"


class HandOffFailed(FirstlineError):
    """The operator's system did not take the conversation."""

    code = "hand_off_failed"


class ConfigError(FirstlineError):
    """A setting that cannot be used; the message names it and where it came from."""

    code = "config_invalid"


class ModelUnusable(ConfigError):
    """The embedding model cannot be used; the message says what to put where."""

    code = "model_unusable"


class ClusterUnavailable(FirstlineError):
    """No Ray cluster answers at the address, or one of its nodes does not."""

    code = "cluster_unavailable"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a source, with the place a person must open to mend it."""

    file: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.text}"


class CorpusError(FirstlineError):
    """The knowledge base has problems; nothing was built."""

    code = "corpus_invalid"

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)
