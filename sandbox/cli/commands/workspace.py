"""``init``, ``reset`` and ``list``."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from sandbox.charts.table import table
from sandbox.cli.compose import create_demo, open_workspace
from sandbox.cli.output import Output, narrate
from sandbox.errors import InputError
from sandbox.masking import MASK
from sandbox.mocks.presets import PRESETS, preset, presets
from sandbox.model.base import Json
from sandbox.model.rules import RuleSet
from sandbox.model.workspace import Variable
from sandbox.store.workspace import Workspace, default_path

__all__ = ["init", "reset", "show_list"]


def init(arguments: argparse.Namespace) -> int:
    """Make a workspace; never overwrites one."""
    if arguments.folder and arguments.workspace:
        raise InputError("give the folder once", "sandbox init DIR")
    named = arguments.folder or arguments.workspace
    folder = Path(named) if named else default_path(os.environ)
    with create_demo(folder, arguments.empty):
        what = "an empty workspace" if arguments.empty else "a demo workspace"
        narrate(f"sandbox: made {what} in {folder}")
    return 0


def reset(arguments: argparse.Namespace) -> int:
    """Back to the start: runs, the demo's profiles, or the whole demo. What was added stays."""
    from sandbox.cli.demo import demo

    with open_workspace(arguments) as workspace:
        done = []
        if arguments.all or not arguments.profiles:
            workspace.history.clear()
            done.append("forgot every run")
        original = demo()
        known = {profile.id for profile in workspace.repository.profiles()}
        demo_is_here = all(profile.id in known for profile in original.profiles)
        if arguments.all or (demo_is_here and not arguments.counts):
            workspace.repository.put_profiles(original.profiles, replace=True)
            done.append(f"put {len(original.profiles)} profiles back")
        elif not arguments.counts:
            # Somebody's own profile 7 is not to be overwritten by ours.
            done.append("the demo's profiles are not here, so none were put back")
        if arguments.all:
            repository = workspace.repository
            repository.put_journeys(original.journeys, replace=True)
            repository.put_rule_sets(original.rule_sets, replace=True)
            repository.put_variables(original.variables, replace=True)
            repository.put_settings(
                repository.settings().model_copy(
                    update={"active_rules": original.settings.active_rules}
                )
            )
            done.append("put the demo's journeys, rules and variables back")
    narrate("sandbox: " + ", ".join(done))
    return 0


def show_list(arguments: argparse.Namespace) -> int:
    """What is there."""
    output = Output(arguments)
    with open_workspace(arguments) as workspace:
        kinds = [arguments.what] if arguments.what else ["journeys", "profiles", "rules", "env"]
        found = {kind: _rows(workspace, kind) for kind in kinds}
        if arguments.what == "rules" and not arguments.json:
            ready = _rows(workspace, "presets")
            found["presets"] = [row for row in ready if row["source"] == "preset"]
    if arguments.json:
        output.json(found[arguments.what] if arguments.what else found)
        return 0
    for number, (kind, rows) in enumerate(found.items()):
        if number:
            output.line()
        if kind != arguments.what:
            output.line(kind.upper())
        if not rows:
            what = "variables" if kind == "env" else kind
            narrate(f"no {what} yet; see sandbox import --help")
            continue
        head = list(rows[0])
        cells = [[output.text(_cell(row[name])) for name in head] for row in rows]
        output.lines(table(head, cells, output.width, glyphs=output.glyphs))
    return 0


def _cell(value: Json) -> str:
    if isinstance(value, bool):
        return "yes" if value else ""
    return "" if value is None else str(value)


def _rows(workspace: Workspace, kind: str) -> list[dict[str, Json]]:
    repository = workspace.repository
    if kind == "journeys":
        return [
            {
                "id": journey.id,
                "name": journey.title,
                "dialect": journey.dialect,
                "trigger": journey.trigger.name or journey.trigger.kind,
                "steps": len(journey.steps),
                "calls": sum(step.kind == "call_api" for step in journey.steps),
            }
            for journey in repository.journeys()
        ]
    if kind == "profiles":
        return [
            {
                "id": profile.id,
                "name": profile.name,
                "attributes": len(profile.attributes),
                "tags": len(profile.tags),
            }
            for profile in repository.profiles()
        ]
    if kind == "rules":
        active = repository.settings().active_rules
        return [_rule_row(rules, active, _source(rules)) for rules in repository.rule_sets()]
    if kind == "presets":
        active = repository.settings().active_rules
        names = {rules.id for rules in repository.rule_sets()}
        sources = {name: "workspace" if name in names else "preset" for name in PRESETS}
        return [_rule_row(rules, active, sources[rules.id]) for rules in presets()]
    return [
        {
            "name": variable.name,
            "secret": variable.secret,
            "from": variable.from_,
            "value": _now(variable),
            "note": variable.note,
        }
        for variable in repository.variables()
    ]


def _rule_row(rules: RuleSet, active: str, source: str) -> dict[str, Json]:
    return {
        "id": rules.id,
        "name": rules.name,
        "rules": len(rules.rules),
        "active": rules.id == active,
        "source": source,
    }


def _source(rules: RuleSet) -> str:
    """Where a rule set of the workspace comes from: its own, or a preset as it is or changed."""
    if rules.id not in PRESETS:
        return "workspace"
    same = rules.rules == preset(rules.id).rules
    return "workspace, as the preset" if same else "workspace, not the preset"


def _now(variable: Variable) -> str | None:
    """What it is now, hidden if it is a secret; None when nothing gives it a value."""
    value = variable.value
    if variable.from_:
        value = os.environ.get(variable.from_, value)
    return MASK if variable.secret and value else value
