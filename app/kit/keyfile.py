"""A private key of the house in a file of its own, beside the event's keys."""

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from app.kit.crypto import KeysUnusable

K = TypeVar("K")


def load(path: Path, what: str, made: Callable[[], Mapping[str, object]], read: Callable[[bytes], K]) -> K:
    """The key in a file, made on first use. `made` gives what is written, its key in hex at `private`.

    Raises KeysUnusable, naming the file and what is wrong with it.
    """
    if not path.exists():
        _make(path, made())
    try:
        if path.stat().st_mode & 0o077:
            raise KeysUnusable(f"{path} can be read by others: chmod 600 it")
        return read(bytes.fromhex(json.loads(path.read_text())["private"]))
    except OSError as error:
        raise KeysUnusable(f"cannot read the {what} {path}: {error.strerror}") from None
    except (ValueError, KeyError, TypeError):
        raise KeysUnusable(f"{path} is not a {what} of this house") from None


def _make(path: Path, body: Mapping[str, object]) -> None:
    """Write a fresh key, 0600, never over an existing one: two processes that start at once end with one file."""
    draft = path.with_name(f"{path.name}.{os.getpid()}.new")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump({"format": 1, **body}, file, indent=2)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass  # another process was quicker
    finally:
        draft.unlink()
