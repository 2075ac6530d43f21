"""Lint the SQL of all migrations (squawk): no lock that blocks a running system, no type that will not last."""

import io
import subprocess
import sys
import tempfile
from pathlib import Path

from alembic import command
from alembic.config import Config

ROOT = Path(__file__).parents[1]
SQUAWK = Path(sys.executable).with_name("squawk")
# The first migration makes everything: its tables are empty and nobody waits for their locks.
NOT_HERE = ("prefer-bigint-over-int", "prefer-text-field", "prefer-robust-stmts", "require-concurrent-index-creation",
            "require-concurrent-index-deletion", "prefer-bigint-over-smallint", "adding-foreign-key-constraint",
            "ban-char-field", "prefer-identity", "require-timeout-settings")  # fmt: skip


def main() -> None:
    """Write every migration as SQL and let squawk read it."""
    out = io.StringIO()
    config = Config(toml_file=str(ROOT / "pyproject.toml"), output_buffer=out)
    command.upgrade(config, "head", sql=True)
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as file:
        file.write(out.getvalue())
        file.flush()
        done = subprocess.run([SQUAWK, "--exclude", ",".join(NOT_HERE), file.name], check=False)
    sys.exit(done.returncode)


if __name__ == "__main__":
    main()
