"""Run options: from the command line to ``RunOptions``."""

from __future__ import annotations

import argparse
from pathlib import Path

import orjson

from sandbox.bench import RunOptions
from sandbox.cli.files import read_document
from sandbox.clock import parse_at
from sandbox.errors import DocumentError, InputError, Problem
from sandbox.mocks.overrides import parse_answers
from sandbox.model.base import Json, shorten
from sandbox.model.rules import Item, RuleSet
from sandbox.seams import Repository

__all__ = ["read_rules", "run_options"]


def run_options(arguments: argparse.Namespace, repository: Repository) -> RunOptions:
    """What the command line says about a run.

    Raises:
        InputError: when an option cannot be read.
    """
    event_fields, attributes = _sets(arguments.sets)
    answers: dict[str, tuple[Item, ...]] = {}
    for text in arguments.answers:
        step, sign, given = text.partition("=")
        if not sign or not step or not given:
            raise InputError(
                f"--answer {text!r} is not STEP=A,B,C", "such as --answer call=429,200"
            )
        answers[step] = parse_answers(given)
    return RunOptions(
        event=_event(arguments.event),
        set_event=event_fields,
        set_user=attributes,
        occurrence=arguments.occurrence,
        rules=read_rules(arguments.rules, repository) if arguments.rules else None,
        answers=answers,
        include_user=False if arguments.no_user_info else None,
        dialect=arguments.dialect,
        seed=arguments.seed,
        at_us=parse_at(arguments.at) if arguments.at else None,
        live=getattr(arguments, "live", False),
        allow_hosts=tuple(getattr(arguments, "allow_host", ())),
        keep=getattr(arguments, "keep", False),
    )


def read_rules(name: str, repository: Repository) -> RuleSet:
    """A rule set by its name in the workspace, or from a file."""
    if name.endswith((".yaml", ".yml", ".json")) or Path(name).is_file():
        return RuleSet.parse(read_document(name), name)
    return repository.rule_set(name)


def _sets(texts: list[str]) -> tuple[dict[str, Json], dict[str, Json]]:
    event: dict[str, Json] = {}
    user: dict[str, Json] = {}
    for text in texts:
        name, sign, given = text.partition("=")
        if not sign or not name or name == "user.":
            raise InputError(
                f"--set {text!r} is not K=V", "such as --set amount=12 or user.city=Izmir"
            )
        try:
            value: Json = orjson.loads(given)
        except orjson.JSONDecodeError:
            value = given
        if name.startswith("user."):
            user[name.removeprefix("user.")] = value
        else:
            event[name.removeprefix("event.")] = value
    return event, user


def _event(name: str | None) -> dict[str, Json] | None:
    if name is None:
        return None
    event = read_document(name)
    if not isinstance(event, dict):
        raise DocumentError(name, [Problem("", "an event is an object", shorten(event))])
    return event
