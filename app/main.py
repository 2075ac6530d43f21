"""Composition root: settings, house, doors, gate and lane become one ASGI app. The only module that looks upward."""

import gc
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from app.house import House
from app.kit.settings import Settings
from routers import api, pages
from routers.api.lane import Lane
from routers.kit import problems
from routers.kit.assets import assets_app
from routers.kit.gate import Gate
from routers.kit.openapi import describe
from routers.kit.render import compile_all
from routers.kit.uploads import MOST_FORM

log = logging.getLogger("shouwang")

MOST_BODY = 64 * 1024
DESCRIPTION = """
Daily health check-ins for residents, roll call for those who look after them.

Sign in with `POST /api/v1/sign-in/code`, then `POST /api/v1/sign-in`; send the token as `Authorization: Bearer ...`.
Refusals are problem+json (RFC 9457): decide by `type`. `Accept-Language: en` answers in English.
"""


@asynccontextmanager
async def _living(app: FastAPI) -> AsyncIterator[None]:
    house: House = app.state.house
    await house.start()
    await house.serve()
    compile_all()
    # What was made at start lives as long as the process: the collector need not walk it again and again.
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 50)
    try:
        yield
    finally:
        await house.stop()


def build(settings: Settings) -> FastAPI:
    """The FastAPI app: every route, every refusal, behind the gate."""
    app = FastAPI(
        title="Shouwang 守望",
        version="0.1.0",
        description=DESCRIPTION,
        lifespan=_living,
        max_body_size=MOST_BODY,
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/openapi.json",
    )
    app.state.settings, app.state.house = settings, House(settings)
    doors = api.routers()
    forms = pages.routers(development=settings.development)
    for router in forms:  # a form is longer than the JSON of the same words
        router.max_body_size = MOST_FORM
    for router in (*doors, *forms):
        app.include_router(router)
    problems.install(app)
    describe(app, [route for door in doors for route in door.routes])
    return app


class Shouwang:
    """The whole: static files, then the hot lane, then gate and doors."""

    def __init__(self, settings: Settings | None = None) -> None:
        self.app = build(settings or Settings())
        self._lane: ASGIApp = Lane(Gate(self.app, MOST_BODY), self.app)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith("/static/"):
            await assets_app(scope, receive, send)
        else:
            await self._lane(scope, receive, send)


def create() -> Shouwang:
    """What the web server calls (uvicorn's factory)."""
    return Shouwang()
