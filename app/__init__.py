"""The rules of the house: what may happen, to whom, when. No HTTP, no HTML."""
