"""Routes that tell every fault of a body in one round: those of its shape, and those only the room can see."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.responses import Response

from app import residents
from app.kit.errors import Fault, Invalid
from routers.kit.problems import faults_of

ALSO_WRONG: dict[str, Callable[[object], tuple[Fault, ...]]] = {"/api/v1/residents": residents.also_wrong}


class WholeRoute(APIRoute):
    """A route whose room looks at a body that the schema has refused."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler of the route, with the faults of the room added to those of the schema."""
        handler, also = super().get_route_handler(), ALSO_WRONG.get(self.path)

        async def handle(request: Request) -> Response:
            try:
                return await handler(request)
            except RequestValidationError as error:
                # Without an object there is nothing to look at: no JSON at all, or another kind of body.
                if also is None or not isinstance(error.body, dict):
                    raise
                raise Invalid(faults=together(faults_of(error.errors()), also(error.body))) from None

        return handle


def together(shape: tuple[Fault, ...], room: tuple[Fault, ...]) -> tuple[Fault, ...]:
    """Both, one for each field; where both found something, the shape said it first."""
    named = {fault.field for fault in shape}
    return (*shape, *(fault for fault in room if fault.field not in named))
