"""Requests that schemathesis makes up from our own OpenAPI document."""

from bench.reliability.fuzz_api import fuzzed
from bench.reliability.server import Server

PER_OPERATION = 100


def test_the_api_is_as_its_document_says(server: Server) -> None:
    """Whatever is sent: no 5xx, and status, type, headers and body are ones the document has."""
    cases, report = fuzzed(server, PER_OPERATION)
    assert report == ""
    assert cases > 5 * PER_OPERATION
