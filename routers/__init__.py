"""The doors: translate HTTP to one call of a room and back."""
