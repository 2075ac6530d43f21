"""`shouwang bench roll-call`: the roll call over ten million check-ins."""

import sys
from pathlib import Path

if __name__ == "__main__":
    # A script sees only its own folder, where `tests` cannot be found; its modules could hide the standard ones.
    sys.path[0] = str(Path(__file__).resolve().parents[2])
    from tests.bench.roll_call import main

    sys.exit(main())
