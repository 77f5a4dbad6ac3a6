"""Writes: one function is one use case is one transaction. Nothing here commits; context does."""
