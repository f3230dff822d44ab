"""What is taken out before a question is kept, and what is left."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.live.redaction import redactor

on = redactor("on")


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("write to jane.doe+x@mail.example.org please", "write to [mail] please"),
        ("call +49 171 1234567", "call [phone]"),
        ("call (555) 123-4567 now", "call [phone] now"),
        ("ruf 030/1234567 an", "ruf [phone] an"),
        ("card 4111 1111 1111 1111 declined", "card [card] declined"),
        ("key ghp_abcdefghij0123456789 fails", "key [token] fails"),
        ("eyJhbGciOi.eyJzdWIiOiIx.SflKxwRJ", "[token]"),
        ("Authorization: Bearer abc.def-123", "Authorization: Bearer [token]"),
        ("clone https://bob:hunter2@git.example/x", "clone https://[token]@git.example/x"),
        ("my password is hunter2!", "my password is [secret]"),
        ("Passwort: geheim", "Passwort: [secret]"),
        ("to DE89 3704 0044 0532 0130 00", "to [account]"),
    ],
)
def test_what_belongs_to_a_person_is_taken_out(text: str, kept: str) -> None:
    """Addresses, numbers, tokens and passwords leave a word that says what stood there."""
    assert on(text) == kept


@pytest.mark.parametrize(
    "text",
    [
        "error 0x80070057 after KB5034441",
        "ping 192.168.178.1 and 10.0.19045.3803",
        "since 2026-11-24 or 24.11.2026 or 01.02.2026",
        "my password is wrong",
        "password is not accepted",
        "the @ key does not work",
        "stop code 0000007B",
        "port 8080, 1920x1080, 16 GB, 5 GHz",
        "wie ändere ich meinen WLAN-Namen?",
    ],
)
def test_what_support_is_about_is_left_alone(text: str) -> None:
    """Error codes, addresses of machines, versions and dates are what a question means."""
    assert on(text) == text


def test_off_keeps_everything() -> None:
    """Whoever switches it off gets the words as they were."""
    assert redactor("off")("a@b.de") == "a@b.de"


def test_a_hash_tells_people_apart_without_naming_them() -> None:
    """The same address reads the same, another one differently, and another key tells nothing."""
    hashed = redactor("hash", b"key")
    assert hashed("A@b.de") == hashed("a@b.de") != hashed("c@b.de")
    assert hashed("+49 171 1234567") == hashed("+49-171-1234567")
    assert "a@b.de" not in hashed("a@b.de")
    assert redactor("hash", b"other")("a@b.de") != hashed("a@b.de")


@given(st.text(max_size=300))
def test_any_text_can_be_redacted(text: str) -> None:
    """Whatever people type, something is kept, and no address with a dot survives."""
    assert "jane@example.org" not in on(f"{text} jane@example.org")
