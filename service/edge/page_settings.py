"""What the operator decided about the page, as the page reads it: ``/page.json``."""

from __future__ import annotations

from typing import Any

from service.config import ServiceConfig


def page_settings(config: ServiceConfig) -> dict[str, Any]:
    """Title, languages, an own greeting and the ways to a person."""
    ways = {
        "mail": config.hand_off_mail,
        "phone": config.hand_off_phone,
        "url": config.hand_off_url,
        "label": config.hand_off_label,
        # Only whether: the address is nobody's business.
        "webhook": config.hand_off_webhook is not None,
    }
    ours = ServiceConfig.model_fields["greeting"].default
    return {
        "title": config.page_title,
        "languages": config.page_languages,
        # Ours the page says in the reader's language; an operator's own is said as it is written.
        "greeting": None if config.greeting == ours else config.greeting,
        "hand_off": ways if any(ways[way] for way in ("mail", "phone", "url", "webhook")) else None,
    }
