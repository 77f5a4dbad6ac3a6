"""How messages leave: one module per channel, one line each in the registry."""
