"""Parts of dev.py: standard library only, so that they work before anything is installed."""
