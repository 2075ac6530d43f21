"""The JSON door, under /api/v1."""

from fastapi import APIRouter


def routers() -> list[APIRouter]:
    """Every router of this door."""
    from routers.api import (
        accounts,
        appeals,
        appointments,
        audit,
        checkins,
        copies,
        directory,
        exports,
        factors,
        glass,
        health,
        notices,
        receipts,
        regions,
        residents,
        staff,
        tasks,
    )  # fmt: skip

    # check-ins before regions: /regions/{code}/roll-call is a check-in matter
    found = [accounts, factors, residents, copies, checkins, regions, staff, directory, notices, appointments]
    found += [tasks, appeals, glass, exports, audit, receipts, health]
    return [module.router for module in found]
