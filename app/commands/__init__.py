"""Operators' commands, one file a room; app.cli gathers them."""
