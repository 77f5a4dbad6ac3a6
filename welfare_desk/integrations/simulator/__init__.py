"""A supplier that ships with the product: a process of its own that speaks the real card-site protocol.

It shares no code with the connector, so that a mistake in one of them is seen by the other.
"""
