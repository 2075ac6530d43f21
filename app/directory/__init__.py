"""The directory of the whole response: find a colleague, see what their duty is, and call them on the record."""

from app.directory.dialling import TooManyNumbers, WriteInstead, colleague, dial, looked_up
from app.directory.searching import find

__all__ = ["TooManyNumbers", "WriteInstead", "colleague", "dial", "find", "looked_up"]
