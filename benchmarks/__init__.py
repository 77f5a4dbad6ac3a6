"""What we claim about speed, runnable by anyone: `python3 dev.py bench P1 P2 …` prints one JSON line per figure."""
