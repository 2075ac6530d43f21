"""`shouwang bench messages`: writing many messages at once, delivering them, and the wait behind one that kills."""

import sys
from pathlib import Path

if __name__ == "__main__":
    # A script sees only its own folder, where `tests` cannot be found; its modules could hide the standard ones.
    sys.path[0] = str(Path(__file__).resolve().parents[2])
    from tests.bench.messages import main

    sys.exit(main())
