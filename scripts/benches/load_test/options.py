"""The options of scripts/bench load, without what the bench needs to run."""

from __future__ import annotations

import argparse


def add_options(parser: argparse.ArgumentParser) -> None:
    """Adds the options of scripts/bench load."""
    group = parser.add_argument_group("load")
    group.add_argument("--chats", metavar="N[,N]", help="numbers of chats, 100 if none is given")
    group.add_argument("--short", action="store_const", const=True, help="the run of continuous integration")
    group.add_argument("--calm", action="store_const", const=True, help="let nothing go wrong")
    group.add_argument("--seed", type=int, help="what is drawn: the same seed, the same run")
    group.add_argument("--store", choices=("sqlite", "weaviate"), help="what keeps the messages")
    group.add_argument("--drain", type=float, help="seconds in which all must be answered at last")
    group.add_argument("--workers", type=int, metavar="N", help="processes that take turns: few ones get old")
    group.add_argument(
        "--desk", action="store_const", const=True, help="let a desk answer, and its team take over 5 %%"
    )
    group.add_argument("--html", metavar="FILE", help="write a page with charts, too")
