"""The JSON door, under /api/v1."""

from fastapi import APIRouter


def routers() -> list[APIRouter]:
    """Every router of this door."""
    from routers.api import accounts, checkins, health, regions, residents

    # check-ins first: /regions/{code}/roll-call is a check-in matter
    return [accounts.router, residents.router, checkins.router, regions.router, health.router]
