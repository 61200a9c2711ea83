"""Reading what a journey's steps say: texts, values and ways; problems and paths are noted."""

from __future__ import annotations

from collections.abc import Iterable

from sandbox.dialects import Dialect, dialect
from sandbox.engine.behaviour import Behaviour, fold
from sandbox.engine.compiled import END_AT, Way
from sandbox.errors import DocumentError, Problem, TemplateError, nearest
from sandbox.model.base import Json, Target
from sandbox.model.journey import (
    END,
    AddTag,
    CallApi,
    Journey,
    Message,
    Notify,
    RemoveTag,
    UpdateAttribute,
    Wait,
)
from sandbox.model.trace import Finding
from sandbox.templates.compiled import Template
from sandbox.templates.noticing import Notice
from sandbox.templates.paths import Path
from sandbox.templates.single import Known
from sandbox.templates.syntax import Syntax
from sandbox.templates.text import Text
from sandbox.templates.values import Value

__all__ = ["Reading"]

_ONE_WAY = (AddTag, CallApi, Message, Notify, RemoveTag, UpdateAttribute, Wait)


class Reading:
    """A journey that is being compiled, and what has been noticed in it so far."""

    def __init__(self, journey: Journey, dialect_name: str) -> None:
        """The journey, under this dialect."""
        self.journey = journey
        self.problems: list[Problem] = []
        self.findings: list[Finding] = []
        self.reads: dict[Path, dict[str, None]] = {}
        """Every path that is read → the steps that read it, in order."""
        self.dialect: Dialect = dialect(dialect_name)
        self.behaviour = self._behaviour()
        self.syntax = self._syntax()
        self.index = {step.id: at for at, step in enumerate(journey.steps)}

    def _behaviour(self) -> Behaviour:
        behaviour = fold(self.dialect, self.journey.settings, self.problems)
        if self.dialect.name == self.journey.dialect:
            return behaviour
        from dataclasses import replace

        own = fold(dialect(self.journey.dialect), self.journey.settings, [])
        return replace(
            behaviour,
            syntax=own.syntax,
            opens=own.opens,
            closes=own.closes,
            keep_types=own.keep_types,
            encode_values=own.encode_values,
            url_tags=own.url_tags,
        )

    def _syntax(self) -> Syntax:
        """How the journey's texts are read."""
        behaviour = self.behaviour
        if behaviour.syntax == "kustomer" and behaviour.encode_values:
            self.problems.append(
                Problem(
                    "settings.url.encode_values",
                    "the kustomer syntax puts values into a URL as they are; "
                    "write {{{encodeURIComponent path}}}",
                )
            )
        saved = {
            save.name for step in self.journey.steps if isinstance(step, CallApi)
            for save in step.save
        }  # fmt: skip
        known = Known(self.journey.trigger.name, frozenset(saved))
        return Syntax(behaviour.syntax, behaviour.opens, behaviour.closes, known)

    def _way(self, target: Target | None, at: str) -> Way:
        if target is None:
            return ()
        ways: list[int] = []
        for place, name in enumerate(target):
            last = place == len(target) - 1
            if name == END:
                if not last:
                    self.problems.append(Problem(at, "end can only be the last of a list", name))
                ways.append(END_AT)
            elif name not in self.index:
                close = nearest(name, [*self.index, END])
                hint = f"did you mean {' or '.join(close)}?" if close else "there is no such step"
                self.problems.append(Problem(at, f"leads to {name!r}; {hint}"))
            else:
                step = self.journey.steps[self.index[name]]
                if not last and not isinstance(step, _ONE_WAY):
                    self.problems.append(
                        Problem(
                            at,
                            f"{name!r} is of kind {step.kind} and can only be the last of a list",
                        )
                    )
                own = isinstance(step, CallApi) and (step.on_success or step.on_failure)
                if not last and own:
                    message = "inside a list of steps its own exits are not used"
                    finding = Finding("edge_ignored", "warning", name, message)
                    self.findings += [finding] if finding not in self.findings else []
                ways.append(self.index[name])
        return tuple(ways)

    def _next(self, target: Target | None, index: int, at: str) -> Way:
        if target is not None:
            return self._way(target, f"{at}.next")
        return (index + 1,) if index + 1 < len(self.journey.steps) else (END_AT,)

    def _note(self, step_id: str, notices: Iterable[Notice]) -> None:
        for one in dict.fromkeys(notices):
            self.findings.append(Finding(one.code, one.level, step_id, one.message))

    def _text(self, source: str, field: str, at: str, step_id: str) -> Text:
        try:
            template = self.syntax.text(source, field)
        except TemplateError as wrong:
            self.problems.append(Problem(f"{at}.{field}", str(wrong)))
            return Template("", field)
        self._read(step_id, (tag.path for tag in template.tags()))
        self._note(step_id, template.notices)
        return template

    def _value(self, source: Json, field: str, at: str, step_id: str) -> Value:
        try:
            value = self.syntax.value(source, field, keep_types=True)
        except DocumentError as wrong:
            self.problems += [one._replace(path=f"{at}.{one.path}") for one in wrong.problems]
            return Value(None, field, keep_types=True)
        self._read(step_id, (tag.path for tag in value.tags()))
        self._note(step_id, (one for template in value.templates for one in template.notices))
        return value

    def _read(self, step_id: str, paths: Iterable[Path]) -> None:
        for path in paths:
            if path:
                self.reads.setdefault(path, {})[step_id] = None
