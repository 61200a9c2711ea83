"""What stands inside a tag → closures from a frame to a value."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from sandbox.errors import TemplateError, nearest
from sandbox.model.base import Json
from sandbox.templates.handlebars.frames import Frame
from sandbox.templates.handlebars.javascript import js_getter
from sandbox.templates.handlebars.library import BLOCKS, HELPERS, LACKING, Helper, Moment
from sandbox.templates.handlebars.nodes import Call, Expression, Literal, PathName
from sandbox.templates.paths import MISSING, Path
from sandbox.templates.snippet import Tag

__all__ = ["Evaluate", "Expressions", "Where"]

Evaluate = Callable[[Frame], Json]
Where = tuple["Path | None", ...]
"""The paths of the contexts that lie around a tag, the nearest last; None: known when rendering
only."""
_DATA: Final = ("index", "key", "first", "last", "root")
_HINT: Final = "helpers: " + ", ".join([*BLOCKS, *HELPERS])


class Expressions:
    """Compiles the expressions of one template; what they read is kept in ``tags``."""

    def __init__(self, text: str, at: str) -> None:
        self.text = text
        self.at = at
        self.tags: list[Tag] = []
        """What is read at paths that are known before rendering."""
        self.assumed: list[str] = []
        """Helpers whose spelling is assumed."""

    def wrong(self, node: Expression | Call, message: str, hint: str = "") -> TemplateError:
        """What is wrong with a part of the template, for the caller to raise."""
        return TemplateError(self.text, node.start, message, hint, len(node.source))

    def value(
        self, call: Call, where: Where, names: frozenset[str], tag: str
    ) -> tuple[Evaluate, Helper | None]:
        """What a tag prints: a helper's result, or the value at a path."""
        simple = call.name.simple
        if simple in BLOCKS and simple not in names:
            hint = f"{{{{#{simple} value}}}}…{{{{/{simple}}}}}"
            raise self.wrong(call.name, f"{simple} is a block helper", hint)
        if simple in HELPERS and simple not in names:
            return self._helper(call, HELPERS[simple], where, names, tag), HELPERS[simple]
        if call.params or call.hash:
            raise self.unknown(call)
        return self.path(call.name, where, names, tag, False), None

    def unknown(self, call: Call) -> TemplateError:
        """There is no such helper, or the sandbox does not play it."""
        name = call.name.source
        if name in LACKING:
            message = f"the helper {name} ({LACKING[name]}) is not supported by the sandbox"
            return self.wrong(call.name, message, _HINT)
        close = nearest(name, [*HELPERS, *BLOCKS])
        hint = f"did you mean {close[0]}?" if close else _HINT
        return self.wrong(call.name, f"unknown helper {name!r}", hint)

    def only(self, call: Call, named: Mapping[str, Evaluate], known: Sequence[str]) -> None:
        """Refuse arguments ``name=value`` that are not ``known``."""
        for name in named:
            if name not in known:
                close = nearest(name, known)
                hint = f"did you mean {close[0]}=?" if close else ""
                message = f"{call.name.source} takes no argument named {name}"
                raise self.wrong(call, message, hint)

    def expression(
        self, node: Expression, where: Where, names: frozenset[str], tag: str, optional: bool
    ) -> Evaluate:
        """A value, whatever gives it; ``optional`` when it may be missing without a word."""
        if isinstance(node, Literal):
            constant = node.value
            return lambda frame: constant
        if isinstance(node, PathName):
            return self.path(node, where, names, tag, optional)
        simple = node.name.simple
        if simple not in HELPERS:
            raise self.unknown(node)
        return self._helper(node, HELPERS[simple], where, names, tag)

    def _helper(
        self, call: Call, helper: Helper, where: Where, names: frozenset[str], tag: str
    ) -> Evaluate:
        name = call.name.simple
        count = len(call.params)
        if not helper.least <= count <= helper.most:
            wanted = str(helper.least)
            if helper.least != helper.most:
                wanted = f"{helper.least} to {helper.most}"
            message = f"the helper {name} takes {wanted} value(s), not {count}"
            raise self.wrong(call, message, helper.says)
        if helper.origin == "assumed":
            self.assumed.append(name)
        optional = helper.optional
        params = [self.expression(one, where, names, tag, optional) for one in call.params]
        named = {key: self.expression(one, where, names, tag, optional) for key, one in call.hash}
        self.only(call, named, helper.named)
        apply = helper.apply
        if helper.needs:
            self.tags.append(
                Tag(tag, call.start, ("now",) if helper.needs == "now" else ("run", "id"), None, ())
            )
        key = (self.at, str(call.start))
        needs = helper.needs

        def evaluate(frame: Frame) -> Json:
            values = [param(frame) for param in params]
            pairs = {key: one(frame) for key, one in named.items()}
            try:
                made = (
                    apply(_moment(frame, key), *values, **pairs)
                    if needs
                    else apply(*values, **pairs)
                )
            except (ValueError, TypeError, OverflowError, LookupError, RecursionError):
                return MISSING
            return frame.state.helped(made)

        return evaluate

    def path(
        self, node: PathName, where: Where, names: frozenset[str], tag: str, optional: bool
    ) -> Evaluate:
        """The value at a path, from the context, from outside it, or by a block's own name."""
        if node.data:
            return self._datum(node, tag, optional)
        if node.parts and not node.scoped and node.parts[0] in names:
            first, rest = node.parts[0], js_getter(node.parts[1:])
            return lambda frame: rest(frame.names.get(first, MISSING))
        path = self._absolute(node, where)
        if path is not None:
            # Whoever reads everything reads every step.
            self.tags.append(Tag(tag, node.start, path or ("steps",), None, (), optional))
        get, depth = js_getter(node.parts), node.depth
        if depth == 0:
            return lambda frame: get(frame.this)

        def outside(frame: Frame) -> Json:
            found = frame.outside(depth)
            return MISSING if found is None else get(found.this)

        return outside

    def _datum(self, node: PathName, tag: str, optional: bool) -> Evaluate:
        name = node.parts[0] if node.parts else ""
        if name not in _DATA:
            close = nearest(name, _DATA)
            hint = f"did you mean @{close[0]}?" if close else "there is @" + ", @".join(_DATA)
            raise self.wrong(node, f"nothing is known as {node.source}", hint)
        get = js_getter(node.parts[1:])
        if name == "root":
            if node.parts[1:]:
                self.tags.append(Tag(tag, node.start, node.parts[1:], None, (), optional))
            return lambda frame: get(frame.state.root)
        depth = node.depth
        return lambda frame: get(frame.datum(name, depth))

    @staticmethod
    def _absolute(node: PathName, where: Where) -> Path | None:
        """The path from the root, when it is known before rendering."""
        if node.depth >= len(where):
            return None
        outer = where[-1 - node.depth]
        return None if outer is None else (*outer, *node.parts)

    def inside(self, node: PathName, where: Where) -> Where:
        """The contexts inside a block on a path."""
        return (*where, None if node.data else self._absolute(node, where))


def _moment(frame: Frame, key: tuple[str, ...]) -> Moment:
    root = frame.state.root
    run = root.get("run") or {}
    turn = frame.data.index if frame.data is not None else ""
    return Moment(str(root.get("now", "")), (str(run.get("id", "")), *key, str(turn)))
