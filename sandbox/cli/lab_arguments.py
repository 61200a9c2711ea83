"""The arguments of ``sweep`` and ``compare``."""

from __future__ import annotations

import argparse

from sandbox.cli.usage import Adder, json_option, number, whole

__all__ = ["lab"]


def lab(add: Adder) -> None:
    """``sweep`` and ``compare``."""
    sweep = add(
        "sweep",
        "lab",
        "show_sweep",
        "every failure of a journey, and what becomes of the person",
        "sandbox sweep newsletter",
        "sandbox sweep win-back --depth pairs --profiles 7,8",
    )
    sweep.add_argument("journey", metavar="JOURNEY")
    sweep.add_argument(
        "--profiles",
        action="append",
        metavar="IDS",
        help="these people, or all (else as many as it takes to cover the journey)",
    )
    sweep.add_argument(
        "--depth",
        choices=["single", "pairs", "full"],
        default="single",
        help="how many calls misbehave in one run: one (the default), two, or any number",
    )
    sweep.add_argument(
        "--budget", type=number(1), default=20_000, metavar="N", help="the most runs (20,000)"
    )
    sweep.add_argument("--dialect", metavar="NAME", help="sweep it as this vendor would")
    _options(sweep)
    compare = add(
        "compare",
        "lab",
        "show_comparison",
        "vendors side by side: what each does with the same answers",
        "sandbox compare newsletter --dialects usercom,insider,insider-glossary",
    )
    compare.add_argument("journey", metavar="JOURNEY")
    compare.add_argument(
        "--dialects", required=True, metavar="A,B,C", help="two or more of sandbox dialects"
    )
    compare.add_argument("--profile", metavar="ID", help="the person (else the first one)")
    compare.add_argument(
        "--answers",
        metavar="A,B,C",
        dest="compared",
        help="what the calls answer (200,204,302,404,429,503,timeout)",
    )
    _options(compare)


def _options(parser: argparse.ArgumentParser) -> None:
    """What of the run options makes sense for many walks; the rest has its default."""
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="K=V",
        dest="sets",
        help="a field of the event, or user.K=V an attribute (JSON, else text)",
    )
    parser.add_argument("--event", metavar="FILE", help="the event as JSON or YAML (- for stdin)")
    parser.add_argument("--occurrence", type=number(1), metavar="N", help="the event's n-th time")
    parser.add_argument("--seed", type=whole, metavar="N", help="else the rules' seed, else 42")
    parser.add_argument("--at", metavar="ISO", help="the start of the virtual clock")
    parser.add_argument("--env-file", metavar="FILE", help="NAME=value lines for env.NAME")
    parser.set_defaults(answers=[], rules=None, no_user_info=False, reveal=False, dialect=None)
    json_option(parser)
