"""Nobody writes a column by naming it: every body of every route refuses every column that is not its own."""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.routing import APIRoute
from pydantic import BaseModel, ValidationError
from sqlmodel import SQLModel

from routers import api

# Columns by which somebody could give themselves a region, a role, a state or another's record.
COLUMNS = sorted({column.name for table in SQLModel.metadata.tables.values() for column in table.columns})


def bodies() -> Iterator[type[BaseModel]]:
    """The shapes that come in through the JSON door, and those inside them."""
    waiting: list[Any] = [
        route.body_field.field_info.annotation
        for router in api.routers()
        for route in router.routes
        if isinstance(route, APIRoute) and route.body_field
    ]
    seen: set[Any] = set()
    while waiting:
        shape = waiting.pop()
        waiting += getattr(shape, "__args__", ())
        if isinstance(shape, type) and issubclass(shape, BaseModel) and shape not in seen:
            seen.add(shape)
            waiting += [field.annotation for field in shape.model_fields.values()]
            yield shape


SHAPES = sorted(set(bodies()), key=lambda shape: shape.__name__)


def test_there_are_shapes_and_columns_to_try() -> None:
    assert len(SHAPES) > 15
    assert {"role", "region_code", "programme", "registered_by", "activated_at", "account_id"} <= set(COLUMNS)


@pytest.mark.proves("T18")
@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.__name__)
def test_every_other_column_is_refused(shape: type[BaseModel]) -> None:
    others = [name for name in COLUMNS if name not in shape.model_fields]
    with pytest.raises(ValidationError) as refused:
        shape.model_validate(dict.fromkeys(others, "x"))
    extra = {str(error["loc"][0]) for error in refused.value.errors() if error["type"] == "extra_forbidden"}
    assert set(others) - extra == set()
