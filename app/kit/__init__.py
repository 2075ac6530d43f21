"""The tool cupboard of the rules: settings, database, clock, identifiers, secrets."""
