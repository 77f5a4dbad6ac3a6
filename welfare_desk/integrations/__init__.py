"""The outside world: suppliers, channels and their simulators. No database, no rules of ours."""
