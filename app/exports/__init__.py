"""Exports: rows about people as a file, never by default: a purpose, a second person, a trace in every row."""

from app.exports.asking import AskedBefore, NotReleased, OwnRequest, approve, found, one, refuse, request, takeable
from app.exports.files import COLUMN, PURPOSE, Words, csv_of, number_of, xlsx_of
from app.exports.marks import read_marks, tag_of
from app.exports.taking import Taken, take
from app.exports.tracing import Traced, trace

__all__ = [
    "COLUMN", "PURPOSE", "AskedBefore", "NotReleased", "OwnRequest", "Taken", "Traced", "Words", "approve", "csv_of",
    "found", "number_of", "one", "read_marks", "refuse", "request", "tag_of", "take", "takeable", "trace", "xlsx_of",
]  # fmt: skip
