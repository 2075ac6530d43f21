"""Path parameters that both doors take."""

from typing import Annotated

from fastapi import Path

from models.base import RegionCode

Code = Annotated[RegionCode, Path(description="15 digits, or the 12 of the national table")]
