"""What several tests of faults begin with."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.kit import postgres
from tests.faults.ground import new_data_dir
from tests.faults.processes import Process, free_port


@pytest.fixture
def whole_house() -> Iterator[tuple[Process, Path]]:
    """The whole house as `shouwang run` starts it, not yet up, and where its data lies."""
    data_dir = new_data_dir()
    process = Process("run", data_dir, free_port())
    yield process, data_dir
    process.clean()
    postgres.stop(data_dir)
    shutil.rmtree(data_dir, ignore_errors=True)
