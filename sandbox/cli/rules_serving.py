"""The rules behind ``sandbox serve --rules``: read, checked for what cannot be played, and told."""

from __future__ import annotations

import argparse

from sandbox.bench.bench import Bench
from sandbox.bench.options import RunOptions
from sandbox.cli.narrator import Narrator
from sandbox.cli.options import read_rules
from sandbox.clock import wall_us
from sandbox.engine.person import person_of, template_view
from sandbox.errors import UnknownName
from sandbox.masking import Masker
from sandbox.mocks.deliveries import deliverable
from sandbox.model.base import Json
from sandbox.serve.rules_server import Played, RulesServer

__all__ = ["rules_server"]


def rules_server(
    arguments: argparse.Namespace, bench: Bench, narrator: Narrator, masker: Masker
) -> RulesServer | None:
    """The server of the rules that the command names; None when it names none.

    Raises:
        SandboxError: when there are no such rules, or no server can play one of them.
    """
    if arguments.rules is None:
        return None
    rule_set = read_rules(arguments.rules, bench.repository)
    if arguments.skip_unservable:
        rule_set, left_out = deliverable(rule_set, "server")
        if left_out:
            narrator.say(f"left out, as no server can play them: {', '.join(left_out)}")

    def person(profile: str) -> dict[str, Json]:
        try:
            return template_view(person_of(bench.repository.profile(profile)))
        except UnknownName:
            return {}

    def tell(played: Played) -> None:
        path = masker.url(played.target)
        met = played.fault or ("" if played.status is None else str(played.status))
        if played.fault is not None and played.status is not None:
            met = f"{played.status} {played.fault}"
        rule = played.rule or "no rule"
        narrator.say(masker.text(f"{played.method} {path}  {met}  {rule}  {played.about}".rstrip()))

    seed = bench.seed(RunOptions(rules=rule_set))
    return RulesServer(rule_set, seed, wall_us, person, tell)
