"""Journey document + dialect → compiled journey, or every problem at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from sandbox.clock import duration_s, parse_at
from sandbox.dialects import Dialect, dialect
from sandbox.engine.behaviour import Behaviour, fold, statuses
from sandbox.engine.call import CallPlan
from sandbox.engine.compiled import (
    END_AT,
    AddTagNode,
    CallNode,
    CompiledJourney,
    ConditionNode,
    EndNode,
    MessageNode,
    Node,
    NotifyNode,
    RemoveTagNode,
    Retrying,
    Saving,
    SplitNode,
    UpdateNode,
    WaitNode,
    Way,
)
from sandbox.engine.conditions import compile_condition, in_words, paths_of
from sandbox.engine.person import RESERVED
from sandbox.errors import DocumentError, InputError, Problem, TemplateError, nearest
from sandbox.model.base import Json, Target
from sandbox.model.exchange import KINDS
from sandbox.model.journey import (
    END,
    AddTag,
    CallApi,
    ConditionStep,
    EndStep,
    Journey,
    Message,
    Notify,
    RemoveTag,
    Retry,
    Save,
    Split,
    Step,
    UpdateAttribute,
    Wait,
)
from sandbox.model.trace import Finding
from sandbox.templates.compiled import Template
from sandbox.templates.noticing import Notice
from sandbox.templates.paths import Path, PathError, dotted, parse_path
from sandbox.templates.single import Known
from sandbox.templates.syntax import Syntax
from sandbox.templates.text import Text
from sandbox.templates.values import Value

__all__ = ["ROOTS", "compile_journey"]

ROOTS = frozenset({"user", "profile", "event", "trigger", "steps", "env", "journey", "run", "now"})
"""The template roots; saved names come beside them."""

KUSTOMER_ROOTS = frozenset({"variables", "error"})
"""The vendor's own besides: declared variables, and the newest call's error, if it had one."""

_ONE_WAY = (AddTag, CallApi, Message, Notify, RemoveTag, UpdateAttribute, Wait)


def compile_journey(
    journey: Journey, dialect_name: str | None = None, source: str = ""
) -> CompiledJourney:
    """Compile a journey, under its own dialect or another one.

    Under another dialect the template syntax (how tags are written, whether values keep their
    type, where the URL takes tags and whether its values are encoded) stays the journey's own.

    Raises:
        DocumentError: with every problem.
        UnknownName: when there is no such dialect.
    """
    compiler = _Compiler(journey, dialect_name or journey.dialect)
    compiled = compiler.compile()
    if compiler.problems:
        raise DocumentError(source or f"journey {journey.id}", compiler.problems)
    return compiled


class _Compiler:
    def __init__(self, journey: Journey, dialect_name: str) -> None:
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

    def compile(self) -> CompiledJourney:
        """Every step, then what only the whole journey can tell."""
        if not self.journey.steps:
            self.problems.append(Problem("steps", "a journey needs at least one step"))
        nodes = tuple(
            self._node(step, at, f"steps[{at}]") for at, step in enumerate(self.journey.steps)
        )
        when = None
        if self.journey.trigger.when is not None:
            when = compile_condition(
                self.journey.trigger.when, "trigger.when", self.problems, self.syntax
            )
            self._read("", paths_of(self.journey.trigger.when, self.syntax))
        self._check_roots(nodes)
        read_steps = {path[1] for path in self.reads if path[0] == "steps" and len(path) > 1}
        whole = any(path == ("steps",) or path[0] == "error" for path in self.reads)
        for node in nodes:
            if isinstance(node, CallNode):
                node.exposed = node.plan.shows_payload = whole or node.id in read_steps
        roots = {path[0] for path in self.reads}
        return CompiledJourney(
            self.journey,
            self.dialect.name,
            self.behaviour,
            nodes,
            when,
            "now" in roots,
            "run" in roots,
            (0,) if nodes else (),
            {path: tuple(steps) for path, steps in self.reads.items()},
            self.syntax,
            tuple(self.findings),
        )

    def _check_roots(self, nodes: Iterable[Node]) -> None:
        """Saved names, so that a misspelt root is refused and not silently empty."""
        saved = {save.name for node in nodes if isinstance(node, CallNode) for save in node.save}
        known, first = ROOTS, frozenset[str]()
        if self.syntax.name == "kustomer":
            known, first = known | KUSTOMER_ROOTS, frozenset({"1"})
        for name in saved & known:
            self.problems.append(Problem("save", f"the name {name!r} is taken by a template root"))
        known |= saved
        for path, steps in self.reads.items():
            step_id = next(iter(steps))
            if path[0] not in known:
                close = nearest(path[0], known)
                hint = (
                    f"did you mean {close[0]}?" if close else "known: " + ", ".join(sorted(known))
                )
                self._never_set(step_id, path, f"nothing is known as {path[0]!r}; {hint}")
            elif path[0] == "steps" and len(path) > 1 and path[1] not in self.index.keys() | first:
                close = nearest(path[1], self.index)
                hint = f"did you mean {close[0]}?" if close else "see the journey's step ids"
                self._never_set(step_id, path, f"there is no step {path[1]!r}; {hint}")

    def _never_set(self, step_id: str, path: Path, why: str) -> None:
        message = f"{dotted(path)} can never be set: {why}"
        self.findings.append(Finding("tag_never_set", "error", step_id, message))

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

    def _read(self, step_id: str, paths: Iterable[Path]) -> None:
        for path in paths:
            if path:
                self.reads.setdefault(path, {})[step_id] = None

    def _node(self, step: Step, index: int, at: str) -> Node:
        make: Callable[..., Node] = getattr(self, f"_{step.kind}")
        return make(step, index, at)

    def _call_api(self, step: CallApi, index: int, at: str) -> Node:
        plan = CallPlan(step, self.behaviour, at, self.problems, self.syntax)
        self._read(step.id, (tag.path for _, tag in plan.tags()))
        self._note(step.id, plan.notices())
        follow = {None: self.behaviour.follow, True: "always", False: "never"}[
            step.follow_redirects
        ]
        return CallNode(
            step.id,
            step.kind,
            index,
            self._next(step.next, index, at),
            plan=plan,
            on_success=self._exit(step.on_success, f"{at}.on_success"),
            on_failure=self._exit(step.on_failure, f"{at}.on_failure"),
            timeout_s=step.timeout_s or self.behaviour.timeout_s,
            follow=follow,
            retry=self._retrying(step.retry, f"{at}.retry"),
            save=tuple(self._saving(save, f"{at}.save[{n}]") for n, save in enumerate(step.save)),
            parse_json=step.parse_json,
            include_user=step.include_user,
        )

    def _exit(self, target: Target | None, at: str) -> Way | None:
        return None if target is None else self._way(target, at)

    def _retrying(self, retry: Retry | None, at: str) -> Retrying | None:
        if retry is None:
            return None
        codes: list[int | str] = []
        kinds: set[str] = set()
        for one in retry.on:
            if isinstance(one, int) or one in ("1xx", "2xx", "3xx", "4xx", "5xx"):
                codes.append(one)
            elif one == "timeout":
                kinds.update(kind for kind in KINDS if kind.endswith("_timeout"))
            elif one in KINDS:
                kinds.add(one)
            else:
                allowed = "a status, a class such as 5xx, timeout, or one of " + ", ".join(KINDS)
                self.problems.append(Problem(f"{at}.on", f"{one!r} is not {allowed}"))
        return Retrying(
            statuses(codes),
            frozenset(kinds),
            retry.times,
            int(duration_s(retry.delay) * 1_000_000),
            int(duration_s(retry.max_delay) * 1_000_000),
        )

    def _saving(self, save: Save, at: str) -> Saving:
        text = save.path[1:].removeprefix(".")
        path = parse_path(text) if text else ()
        if isinstance(path, PathError):
            self.problems.append(Problem(f"{at}.path", path.message, repr(save.path)))
            path = ()
        return Saving(save.name, path, save.type)

    def _update_attribute(self, step: UpdateAttribute, index: int, at: str) -> Node:
        if step.attribute in RESERVED:
            self.problems.append(
                Problem(
                    f"{at}.attribute", f"{step.attribute!r} is not an attribute; it is reserved"
                )
            )
        value = self._value(step.value, "value", at, step.id)
        way = self._next(step.next, index, at)
        return UpdateNode(step.id, step.kind, index, way, attribute=step.attribute, value=value)

    def _value(self, source: Json, field: str, at: str, step_id: str) -> Value:
        try:
            value = self.syntax.value(source, field, keep_types=True)
        except DocumentError as wrong:
            self.problems += [one._replace(path=f"{at}.{one.path}") for one in wrong.problems]
            return Value(None, field, keep_types=True)
        self._read(step_id, (tag.path for tag in value.tags()))
        self._note(step_id, (one for template in value.templates for one in template.notices))
        return value

    def _add_tag(self, step: AddTag, index: int, at: str) -> Node:
        way = self._next(step.next, index, at)
        return AddTagNode(
            step.id, step.kind, index, way, tag=self._text(step.tag, "tag", at, step.id)
        )

    def _remove_tag(self, step: RemoveTag, index: int, at: str) -> Node:
        way = self._next(step.next, index, at)
        return RemoveTagNode(
            step.id, step.kind, index, way, tag=self._text(step.tag, "tag", at, step.id)
        )

    def _condition(self, step: ConditionStep, index: int, at: str) -> Node:
        branches = []
        for n, branch in enumerate(step.branches):
            where = f"{at}.branches[{n}]"
            test = compile_condition(branch.when, f"{where}.when", self.problems, self.syntax)
            self._read(step.id, paths_of(branch.when, self.syntax))
            way = self._way(branch.next, f"{where}.next")
            branches.append((test, way, branch.name or in_words(branch.when)))
        otherwise = self._way(step.else_, f"{at}.else")
        return ConditionNode(
            step.id, step.kind, index, branches=tuple(branches), otherwise=otherwise
        )

    def _wait(self, step: Wait, index: int, at: str) -> Node:
        way = self._next(step.next, index, at)
        if step.for_ is not None:
            length = int(duration_s(step.for_) * 1_000_000)
            return WaitNode(step.id, step.kind, index, way, for_us=length)
        until = self._text(step.until or "", "until", at, step.id)
        if until.static and until.source == step.until:
            try:
                parse_at(until.literal)
            except InputError as wrong:
                message = f"{wrong.message}, and it holds no tag; {wrong.hint}"
                self.problems.append(Problem(f"{at}.until", message))
        return WaitNode(step.id, step.kind, index, way, until=until)

    def _notify(self, step: Notify, index: int, at: str) -> Node:
        way = self._next(step.next, index, at)
        return NotifyNode(
            step.id, step.kind, index, way, text=self._text(step.text, "text", at, step.id)
        )

    def _message(self, step: Message, index: int, at: str) -> Node:
        return MessageNode(
            step.id,
            step.kind,
            index,
            self._next(step.next, index, at),
            channel=step.channel,
            to=self._text(step.to, "to", at, step.id),
            text=self._text(step.text, "text", at, step.id),
            subject=self._text(step.subject, "subject", at, step.id),
        )

    def _split(self, step: Split, index: int, at: str) -> Node:
        total = sum(arm.weight for arm in step.arms)
        arms = []
        reached = 0.0
        for n, arm in enumerate(step.arms):
            reached += arm.weight / total
            way = self._way(arm.next, f"{at}.arms[{n}].next")
            arms.append((reached, way, arm.name or f"{arm.weight / total:.0%}"))
        arms[-1] = (1.0, *arms[-1][1:])
        return SplitNode(step.id, step.kind, index, arms=tuple(arms))

    def _end(self, step: EndStep, index: int, at: str) -> Node:
        return EndNode(step.id, step.kind, index)
