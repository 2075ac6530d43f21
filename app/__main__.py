"""`python -m app` is the `shouwang` command."""

from app.cli import main

main()
