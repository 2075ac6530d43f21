"""The JSON door, under /api/v1."""

from fastapi import APIRouter


def routers() -> list[APIRouter]:
    """Every router of this door."""
    from routers.api import (
        accounts,
        appeals,
        appointments,
        audit,
        calls,
        checkins,
        copies,
        directory,
        exports,
        factors,
        gateways,
        glass,
        health,
        messages,
        notices,
        receipts,
        regions,
        reminders,
        residents,
        robots,
        staff,
        tasks,
    )  # fmt: skip

    # check-ins before regions: /regions/{code}/roll-call is a check-in matter
    found = [accounts, factors, residents, copies, checkins, regions, staff, directory, notices, appointments]
    found += [messages, reminders, calls, gateways, robots, tasks, appeals, glass, exports, audit, receipts, health]
    return [module.router for module in found]
