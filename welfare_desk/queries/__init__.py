"""Reads: a session in, frozen dataclasses out. Nothing here writes."""
