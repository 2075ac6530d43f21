"""What stands in an address: path parameters that both doors take, and what a page is asked for behind the `?`.

An address that somebody has mended by hand, or that was cut off on its way, is told so and shown what is usual there: a
list that quietly leaves a wrong filter out looks like the whole truth. The JSON door refuses the same with 422.
"""

from typing import Annotated, Any, TypeVar

from fastapi import Path, Request
from pydantic import Field, TypeAdapter, ValidationError

from app.kit.errors import N_
from models.base import RegionCode
from routers.kit.forms import Wrong
from routers.kit.i18n import gettext, language_of
from routers.kit.problems import faults_of, words

Code = Annotated[RegionCode, Path(description="15 digits, or the 12 of the national table")]
Offset = Annotated[int, Field(ge=0, le=999_999)]
T = TypeVar("T")


class Asked:
    """The values behind the `?` of a page; what does not fit is among `errors`, and the usual counts in its place."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self.errors: list[Wrong] = []

    def value(self, name: str, kind: Any, usual: T) -> T:  # noqa: ANN401  (whatever pydantic takes for a type)
        """One value, which may be left out; of a kind as pydantic knows it."""
        said = self._request.query_params.get(name, "")
        if not said:
            return usual
        try:
            found: T = TypeAdapter(kind).validate_python(said)
        except ValidationError as error:
            self.refuse(name, words(language_of(self._request), faults_of(error.errors(include_url=False))[0]))
            return usual
        return found

    def refuse(self, name: str, why: str) -> None:
        """What was asked for by this name cannot be shown, and why."""
        lang = language_of(self._request)
        told = gettext(
            lang, N_("“%(name)s” in the address: %(why)s You see what is usually shown here."), name=name, why=why
        )
        self.errors.append(Wrong(name, told))
