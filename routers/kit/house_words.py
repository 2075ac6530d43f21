"""What the house itself writes to staff: stored as a message id with facts, said in the reader's language."""

from collections.abc import Iterable

from fastapi import Request

from models.notices import DirectPublic
from routers.kit.i18n import gettext, language_of


def spoken(request: Request, items: Iterable[DirectPublic]) -> None:
    """Fill in the words of the house; those of people stay as they are."""
    lang = language_of(request)
    for item in items:
        if item.from_post_id is None:
            item.words, item.facts = gettext(lang, item.words, **item.facts), {}
