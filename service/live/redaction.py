"""
What is taken out of a question before it is kept: addresses, numbers and secrets of people.

A support question needs none of them to be understood later. Patterns err on the side of taking
out, but leave alone what support is about: error codes, IP addresses, versions, dates.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Literal

import orjson

Mode = Literal["off", "on", "hash"]
Redact = Callable[[str], str]

_TOKEN = re.compile(
    r"\beyJ[\w-]+\.[\w-]+(?:\.[\w-]*)?"  # JSON Web Tokens
    r"|\b(?:sk|pk|rk|ghp|gho|ghs|ghu|glpat|github_pat|xox[abprs]|npm|pypi)[-_][\w-]{10,}"
    r"|\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"
    r"|(?<=bearer )[\w.~+/=-]{8,}"
    r"|(?<=://)[^\s/:@]+:[^\s/@]+(?=@)"  # https://user:password@host
    # Long and mixed: no word of any language, and no error code.
    r"|(?<![\w-])(?=[\w-]*\d)(?=[\w-]*[A-Za-z])[A-Za-z0-9_-]{32,}(?![\w-])",
    re.IGNORECASE,
)
_PASSWORD = re.compile(
    r"(?P<before>\b(?:password|passwort|passcode|pwd|pin|kennwort)\s*"
    # After "is" comes "wrong" as often as the password: a digit or a sign gives it away.
    r"(?:[:=]\s*|(?:is|ist|lautet)\s+(?=\S*[\d!@#$%^&*])))(?P<secret>\S+)",
    re.IGNORECASE,
)
_MAIL = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@(?:[\w-]{1,63}\.)+[^\W\d_]{2,24}")
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[0-9A-Z]{4}){3,7}(?: ?[0-9A-Z]{1,3})?\b")
_CARD = re.compile(r"(?<![\w.])\d(?:[ -]?\d){12,18}(?![\w]|\.\d)")
_PHONE = re.compile(
    r"(?<![\w.:/-])(?!\d{1,2}[./-]\d{1,2}[./-]\d{2,4}(?!\d))"  # not a day
    r"(?:(?:\+|00|\(?0)\d?(?:[ ()/.-]{0,2}\d){6,14}"
    r"|\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4})(?![\w]|\.\d)"
)
_REMEMBERED = 256
_LUHN_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)


def redactor(mode: Mode, key: bytes = b"") -> Redact:
    """
    The function that makes a text fit to be kept.

    ``on`` puts ``[mail]`` in the place of an address; ``hash`` puts ``[mail:1f0c93ab]``, the same
    for the same address, so that one person's questions can be told from another's. The hash is
    keyed: without the key nobody can try all telephone numbers.
    """
    if mode == "off":
        return str
    # A question is kept twice, as asked and in its reply.
    remember = lru_cache(_REMEMBERED)
    if mode == "on":
        return remember(lambda text: _redacted(text, lambda kind, _: f"[{kind}]"))

    def hashed(kind: str, found: str) -> str:
        canonical = re.sub(r"[\s()/.-]", "", found.lower()) if kind != "mail" else found.lower()
        digest = hmac.new(key, canonical.encode("utf-8", "surrogatepass"), hashlib.sha256)
        return f"[{kind}:{digest.hexdigest()[:8]}]"

    return remember(lambda text: _redacted(text, hashed))


def redacted_frame(frame: bytes, redact: Redact) -> str:
    """
    A reply without what a person's own words give away.

    The explanation goes: it takes the question apart, and no pattern finds an address in pieces.
    """
    fields = orjson.loads(frame)
    changed = fields.pop("explanation", None) is not None
    question = fields["question"]
    for name in ("text", "corrected"):
        if question[name] is not None:
            told = redact(question[name])
            changed = changed or told != question[name]
            question[name] = told
    return (orjson.dumps(fields) if changed else frame).decode()


def _redacted(text: str, put: Callable[[str, str], str]) -> str:
    text = _PASSWORD.sub(
        lambda m: m["secret"] and m["before"] + _once(m["secret"], "secret", put), text
    )
    for kind, pattern in (("token", _TOKEN), ("mail", _MAIL), ("account", _IBAN)):
        text = pattern.sub(lambda m, kind=kind: put(kind, m[0]), text)  # type: ignore[misc]
    text = _CARD.sub(lambda m: put("card", m[0]) if _is_card(m[0]) else m[0], text)
    return _PHONE.sub(lambda m: put("phone", m[0]), text)


def _once(found: str, kind: str, put: Callable[[str, str], str]) -> str:
    """What is redacted already stays as it is."""
    return found if found.startswith("[") else put(kind, found)


def _is_card(text: str) -> bool:
    """Whether the digits pass the check of payment cards (Luhn, ISO/IEC 7812-1)."""
    digits = [int(c) for c in text if c.isdigit()]
    doubled = sum(_LUHN_DOUBLED[d] for d in digits[-2::-2])
    return (sum(digits[-1::-2]) + doubled) % 10 == 0
