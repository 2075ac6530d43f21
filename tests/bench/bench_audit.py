"""`shouwang bench audit`: sealing the ledger against a plain COPY of the same rows, and beside 5,000 acts a second."""

import sys
from pathlib import Path

if __name__ == "__main__":
    # A script sees only its own folder, where `tests` cannot be found; its modules could hide the standard ones.
    sys.path[0] = str(Path(__file__).resolve().parents[2])
    from tests.bench.ledger import main

    sys.exit(main())
