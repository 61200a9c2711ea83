"""Run options: from the command line to ``RunOptions``."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from sandbox.bench.named_rules import named_rules
from sandbox.bench.options import RunOptions
from sandbox.cli.files import read_document
from sandbox.cli.rule_files import rules_from
from sandbox.clock import iso_us, parse_at
from sandbox.errors import DocumentError, InputError, Problem, UnknownName
from sandbox.mocks.overrides import parse_answers
from sandbox.model.base import Json, shorten
from sandbox.model.journey import Journey
from sandbox.model.rules import Item, RuleSet
from sandbox.seams import Repository

__all__ = ["read_rules", "run_options"]


def run_options(
    arguments: argparse.Namespace, repository: Repository, journeys: Sequence[Journey]
) -> RunOptions:
    """What the command line says about a run of these journeys.

    Raises:
        InputError: when an option cannot be read, or names a step that is no call of theirs.
    """
    _refuse_forced_live(arguments)
    event_fields, attributes = _sets(arguments.sets)
    return RunOptions(
        event=_event(arguments.event),
        set_event=event_fields,
        set_user=attributes,
        occurrence=arguments.occurrence,
        rules=None if arguments.rules is None else read_rules(arguments.rules, repository),
        answers=_answers(arguments.answers, journeys),
        include_user=False if arguments.no_user_info else None,
        dialect=arguments.dialect,
        seed=arguments.seed,
        at_us=None if arguments.at is None else _at(arguments.at),
        live=getattr(arguments, "live", False),
        allow_hosts=tuple(getattr(arguments, "allow_host", ())),
        keep=getattr(arguments, "keep", False),
    )


def read_rules(name: str, repository: Repository) -> RuleSet:
    """A rule set from a file, or by its name: in the workspace, else a preset."""
    if name.endswith((".yaml", ".yml", ".json")) or Path(name).is_file():
        return rules_from(read_document(name), name)
    return named_rules(repository, name)


def _refuse_forced_live(arguments: argparse.Namespace) -> None:
    if getattr(arguments, "live", False) and arguments.answers:
        raise InputError(
            "--answer is for mocked calls; with --live the endpoint answers for itself",
            "leave --live out, or --answer",
        )


def _answers(texts: list[str], journeys: Sequence[Journey]) -> dict[str, tuple[Item, ...]]:
    calls = [step.id for journey in journeys for step in journey.steps if step.kind == "call_api"]
    answers: dict[str, tuple[Item, ...]] = {}
    for text in texts:
        step, sign, given = text.partition("=")
        if not sign or not step or not given:
            raise InputError(
                f"--answer {text!r} is not STEP=A,B,C", "such as --answer call=429,200"
            )
        if journeys and step not in calls:
            raise UnknownName("call step", step, calls, " in --answer")
        answers[step] = parse_answers(given)
    return answers


def _at(text: str) -> int:
    at_us = parse_at(text)
    try:
        kept = parse_at(iso_us(at_us)) == at_us
    except OverflowError:
        kept = False
    if not kept:
        raise InputError(f"--at {text}: further away than the calendar goes", "take a nearer date")
    return at_us


def _sets(texts: list[str]) -> tuple[dict[str, Json], dict[str, Json]]:
    event: dict[str, Json] = {}
    user: dict[str, Json] = {}
    for text in texts:
        name, sign, given = text.partition("=")
        if not sign or not name or name in ("user.", "event."):
            raise InputError(
                f"--set {text!r} is not K=V", "such as --set amount=12 or user.city=Izmir"
            )
        value = _value(given)
        if name.startswith("user."):
            user[name.removeprefix("user.")] = value
        else:
            event[name.removeprefix("event.")] = value
    return event, user


def _value(given: str) -> Json:
    """JSON when it parses, else the text itself."""
    try:
        # Not orjson: whole numbers past 64 bits must stay what they are.
        return json.loads(given, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return given


def _no_constant(name: str) -> Json:
    raise ValueError(name)


def _event(name: str | None) -> dict[str, Json] | None:
    if name is None:
        return None
    event = read_document(name)
    if not isinstance(event, dict):
        raise DocumentError(name, [Problem("", "an event is an object", shorten(event))])
    return event
