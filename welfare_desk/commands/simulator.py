"""`welfare-desk simulator`: a practice supplier, a process of its own."""

from __future__ import annotations

import argparse
from pathlib import Path

from welfare_desk.integrations.simulator import server


def register(parser: argparse.ArgumentParser) -> None:
    """Adds the options of `simulator`."""
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1; 0 takes a free one")
    parser.add_argument("--seed", help="the same seed gives the same account and key")
    parser.add_argument("--faults", default="", metavar="PLAN", help="buy:500-after-accept*1,info:rubbish*2, or a file")
    parser.add_argument("--awkward", action="store_true", help="also sell goods that are paused, masked or oddly named")
    parser.add_argument("--state", type=Path, metavar="FILE", help="keep orders over restarts")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Prints one line with url, user_id and key, and serves until it is ended."""
    return server.run(
        server.Options(port=args.port, seed=args.seed, faults=args.faults, awkward=args.awkward, state=args.state)
    )
