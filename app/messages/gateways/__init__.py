"""The gateways that carry messages outside the house: one module a provider, spoken to by the worker alone."""
