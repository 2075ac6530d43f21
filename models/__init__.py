"""The shapes: tables and the schemas that cross the doors. No session, no I/O."""
