"""What the tests of the JSON door share."""

import httpx
import pytest


@pytest.fixture
def english(api: httpx.AsyncClient) -> httpx.AsyncClient:
    """The client of an English reader."""
    api.headers["Accept-Language"] = "en"
    return api
