"""Connectors to those who sell codes and top-ups: one module per protocol, one line each in `registry`.

Nothing here knows the database: a connector gets a configuration and speaks to one supplier.
"""
