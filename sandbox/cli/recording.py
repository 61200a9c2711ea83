"""``--record`` and ``--compare-with``: what is heard while a run goes on."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from dataclasses import replace

from sandbox.bench.bench import Bench
from sandbox.bench.options import RunOptions
from sandbox.charts.line import Span
from sandbox.cli.options import read_rules
from sandbox.cli.output import Output, narrate
from sandbox.cli.wrapping import wrap
from sandbox.engine.credentials import learned_secrets, sent_secrets
from sandbox.errors import InputError
from sandbox.masking import Masker
from sandbox.mocks.compiled import compile_rules
from sandbox.mocks.engine import MockEngine, Session
from sandbox.mocks.recording import heard_of, recorded
from sandbox.mocks.shapes import shape_changes
from sandbox.model.base import Json
from sandbox.model.exchange import Answer, Send
from sandbox.model.rules import RuleSet

__all__ = ["Recording"]

_ID = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}")


class Recording:
    """Listens to the runs of one command."""

    def __init__(self, arguments: argparse.Namespace, bench: Bench) -> None:
        """Checks the options before anything is sent.

        Raises:
            InputError: when they cannot be done: nothing live to record, a name that is taken.
            UnknownName: when there is no rule set to compare with.
        """
        self._bench = bench
        self._name: str | None = arguments.record
        self._replace: bool = arguments.replace
        self._masker = bench.masker(False)
        self._exchanges: list[tuple[Send, Answer]] = []
        self._seed: int | None = None
        self._profile: str = arguments.profile
        self.differences: list[dict[str, Json]] = []
        """What is not as it was recorded, in the order of the calls."""
        self.compared_with: RuleSet | None = None
        self._session: Session | None = None
        if self._name is not None:
            self._check(self._name, arguments)
        elif self._replace:
            raise InputError("--replace is for --record NAME", "leave it out")
        if arguments.compare_with is not None:
            self.compared_with = read_rules(arguments.compare_with, bench.repository)
            self._session = MockEngine(self.compared_with).session()

    def _check(self, name: str, arguments: argparse.Namespace) -> None:
        if not arguments.live:
            raise InputError(
                "--record keeps what a live run hears; a mocked run hears only rules",
                "add --live and --allow-host HOST, or take a run out: "
                "sandbox export run RUN --as rules",
            )
        if not _ID.fullmatch(name):
            raise InputError(
                f"--record {name!r} is not a name for a rule set",
                "letters, digits, and _ . - inside; at most 64",
            )
        taken = any(one.id == name for one in self._bench.repository.rule_sets())
        if taken and not self._replace:
            raise InputError(
                f"the rule set {name!r} exists; nothing was sent",
                f"--compare-with {name} tells what has changed since, --replace records anew",
            )

    def listen(self, options: RunOptions) -> RunOptions:
        """The same options, with an ear."""
        self._seed = self._bench.seed(options)
        if self._name is None and self._session is None:
            return options
        return replace(options, heard=self._hear)

    def _hear(self, send: Send, answer: Answer) -> None:
        if self._name is not None:
            self._exchanges.append((send, answer))
        if self._session is None:
            return
        expected = self._session.answer(send)
        for change in shape_changes(expected, answer):
            self.differences.append(
                {
                    "journey": send.journey,
                    "step": send.step,
                    "visit": send.visit,
                    "attempt": send.attempt,
                    "rule": expected.rule,
                    "path": self._masker.text(change.path),
                    "was": change.was,
                    "now": change.now,
                    "message": self._masker.text(change.words),
                }
            )

    def keep(self, journeys: Sequence[str]) -> None:
        """Store what was heard as a rule set."""
        if self._name is None:
            return
        name = f"Recorded live: {', '.join(journeys)} for profile {self._profile}"
        learned = learned_secrets(answer for _, answer in self._exchanges)
        tokens = (one for send, one in self._exchanges if send.step.endswith(":token"))
        learned |= learned_secrets(tokens, certain=True)
        sent = sent_secrets(send.request for send, _ in self._exchanges)
        masker = Masker([*self._bench.environment().secrets, *learned, *sent])
        heard = [heard_of(send, answer, masker) for send, answer in self._exchanges]
        rules = recorded(heard, self._name, name, self._seed)
        if not rules.rules:
            narrate("sandbox: nothing was recorded: no call was answered")
            return
        compile_rules(rules)
        self._bench.repository.put_rule_sets([rules], self._replace)
        answers = sum(item.times for rule in rules.rules for item in rule.respond.items)
        for step in dict.fromkeys(one.step for one in heard if one.lossy):
            narrate(f"sandbox: {step} answered with bytes that are no UTF-8 text; they are kept "
                    "as text")  # fmt: skip
        narrate(
            f"sandbox: recorded {answers} answer{'s' * (answers != 1)} as the rule set "
            f"{self._name}; --rules {self._name} plays them again"
        )

    def show(self, output: Output) -> None:
        """The differences, for a person."""
        if self.compared_with is None:
            return
        name = self.compared_with.id or "the recording"
        if not self.differences:
            output.lines(wrap([Span(f"every answer has the shape that {name} has", "success")],
                              output.width, 4))  # fmt: skip
            return
        output.lines(wrap([Span(f"not as recorded in {name}:", "strong")], output.width, 4))
        for one in self.differences:
            attempt = f", attempt {one['attempt']}" if one["attempt"] > 1 else ""
            visit = f", visit {one['visit']}" if one["visit"] > 1 else ""
            where = Span(f"  {one['step']}{visit}{attempt}: ", "step")
            output.lines(wrap([where, Span(one["message"], "failure")], output.width, 6))
