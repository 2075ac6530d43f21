"""What ships with the house: the real region table."""
