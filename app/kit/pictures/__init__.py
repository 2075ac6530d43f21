"""Pictures that people bring: drawn anew, small, and without what a camera hides in them."""

from app.kit.pictures.bringing import LARGEST, LONGEST_SIDE, MOST_KEPT, MOST_PIXELS, PictureRefused, redraw

__all__ = ["LARGEST", "LONGEST_SIDE", "MOST_KEPT", "MOST_PIXELS", "PictureRefused", "redraw"]
