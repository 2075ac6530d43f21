"""The HTML door: forms in, templates and redirects out."""

from fastapi import APIRouter


def routers(*, development: bool) -> list[APIRouter]:
    """Every router of this door; the development outbox exists in development only."""
    from routers.pages import accounts, checkins, dev, home, pwa, regions, residents, roll

    found = [home, pwa, accounts, residents, checkins, roll, regions]
    return [module.router for module in found] + ([dev.router] if development else [])
