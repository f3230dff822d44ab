"""The conversations that can be resumed."""

from service.chat.book import SessionBook


def test_a_conversation_is_found_until_it_was_left_alone_too_long() -> None:
    """Keeping it again renews it."""
    book: SessionBook[str] = SessionBook(max_sessions=10, ttl_s=60)
    book.keep("a", "A", now=0)
    assert book.find("a", now=59) == "A"
    book.keep("a", "A", now=59)
    assert book.find("a", now=118) == "A"
    assert book.find("a", now=119) is None
    assert len(book) == 0


def test_the_longest_untouched_makes_room() -> None:
    """Never more than the configured number are kept."""
    book: SessionBook[str] = SessionBook(max_sessions=2, ttl_s=60)
    for now, name in enumerate("abc"):
        book.keep(name, name.upper(), now)
        if name == "b":
            book.keep("a", "A", now)
    assert len(book) == 2
    assert book.find("b", now=3) is None
    assert book.find("a", now=3) == "A"


def test_an_unknown_id_is_nobody() -> None:
    """Guessing finds nothing."""
    book: SessionBook[str] = SessionBook(max_sessions=2, ttl_s=60)
    assert book.find("", now=0) is None
