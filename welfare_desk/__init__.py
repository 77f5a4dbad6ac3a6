"""Welfare Desk: entitlements on a shelf, a right for each person, and proof of where every code and cent went."""

__version__ = "0.1.0"
