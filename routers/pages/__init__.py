"""The HTML door: forms in, templates and redirects out."""

from fastapi import APIRouter


def routers(*, development: bool) -> list[APIRouter]:
    """Every router of this door; the development outbox exists in development only."""
    from routers.pages import (
        accounts,
        appeals,
        appointments,
        audit,
        calls,
        checkins,
        copies,
        dev,
        directory,
        duty,
        exports,
        factors,
        gateways,
        glass,
        home,
        me,
        messages,
        notices,
        posts,
        pwa,
        regions,
        reminders,
        residents,
        retention,
        robots,
        roll,
        staff,
        standdown,
        task_board,
        task_ladders,
        tasks,
    )  # fmt: skip

    found = [home, pwa, accounts, factors, residents, me, copies, checkins, roll, regions, staff, posts, duty]
    found += [calls, task_board, task_ladders, tasks]  # /staff/tasks/new before /staff/tasks/{task_id}
    found += [directory, notices, appointments, appeals, glass, exports, retention, standdown, audit]
    found += [messages, reminders, gateways, robots]
    return [module.router for module in found] + ([dev.router] if development else [])
