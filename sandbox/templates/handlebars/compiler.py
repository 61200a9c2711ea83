"""A tree of statements → closures.

A closure takes a ``Frame`` and gives a value or text. What is wrong with a template besides its
grammar (an unknown helper, too many arguments, a misspelt ``@index``) is found here, once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from sandbox.errors import TemplateError, nearest
from sandbox.model.base import Json
from sandbox.templates.handlebars.blocks import each, either, section, with_
from sandbox.templates.handlebars.frames import Frame, Line
from sandbox.templates.handlebars.javascript import (
    escape_html,
    is_empty,
    js_getter,
    js_text,
    js_truthy,
)
from sandbox.templates.handlebars.library import BLOCKS, HELPERS, LACKING, Helper, Moment
from sandbox.templates.handlebars.nodes import (
    Block,
    Call,
    Comment,
    Content,
    Expression,
    Literal,
    Mustache,
    PathName,
    Program,
)
from sandbox.templates.noticing import Notice, nothing_at
from sandbox.templates.paths import MISSING, Path, dotted, look_up
from sandbox.templates.snippet import Tag

__all__ = ["Compiled", "compile_program", "escape_notice", "plain_path"]

Evaluate = Callable[[Frame], Json]
Render = Callable[[Frame], str]
Where = tuple["Path | None", ...]
"""The paths of the contexts that lie around a tag, the nearest last; None: known when rendering
only."""
_DATA: Final = ("index", "key", "first", "last", "root")
_HINT: Final = "helpers: " + ", ".join([*BLOCKS, *HELPERS])


class Compiled:
    """What a template compiles to."""

    __slots__ = ("assumed", "render", "tags")

    def __init__(self, render: Render, tags: list[Tag], assumed: list[str]) -> None:
        self.render = render
        self.tags = tags
        self.assumed = assumed
        """Helpers whose spelling is assumed."""


def compile_program(text: str, program: Program, at: str, notice_escapes: bool) -> Compiled:
    """Compile a parsed template.

    Args:
        text: the template, for messages.
        program: its tree.
        at: the field it stands in.
        notice_escapes: whether an escape that changes a text is worth telling.

    Raises:
        TemplateError: with the position.
    """
    compiler = _Compiler(text, at, notice_escapes)
    render = compiler.program(program, ((),), frozenset())
    return Compiled(render, compiler.tags, list(dict.fromkeys(compiler.assumed)))


def plain_path(mustache: Mustache) -> Path:
    """The path of a value that is printed and is nothing but a path from the root; else empty."""
    call = mustache.call
    name = call.name
    if call.params or call.hash or name.depth or name.data or not name.parts:
        return ()
    return () if name.simple in HELPERS or name.simple in BLOCKS else name.parts


class _Compiler:
    def __init__(self, text: str, at: str, notice_escapes: bool) -> None:
        self.text = text
        self.at = at
        self.notice_escapes = notice_escapes
        self.tags: list[Tag] = []
        self.assumed: list[str] = []

    def _wrong(self, node: Expression | Call, message: str, hint: str = "") -> TemplateError:
        return TemplateError(self.text, node.start, message, hint, len(node.source))

    # Statements ----------------------------------------------------------------------------------

    def program(self, program: Program, where: Where, names: frozenset[str]) -> Render:
        """Statements one after the other.

        Args:
            program: the statements.
            where: the contexts around them.
            names: block parameters that can be read here.
        """
        pieces: list[str | Render] = []
        for node in program.body:
            if isinstance(node, Content):
                pieces.append(node.value)
            elif isinstance(node, Mustache):
                pieces.append(self._mustache(node, where, names))
            elif not isinstance(node, Comment):
                pieces.append(self._block(node, where, names))
        if all(isinstance(piece, str) for piece in pieces):
            whole = "".join(piece for piece in pieces if isinstance(piece, str))
            return lambda frame: frame.state.grow(whole)
        if len(pieces) == 1 and not isinstance(pieces[0], str):
            return pieces[0]

        def render(frame: Frame) -> str:
            grow = frame.state.grow
            return "".join(
                [grow(piece) if isinstance(piece, str) else piece(frame) for piece in pieces]
            )

        return render

    def _mustache(self, node: Mustache, where: Where, names: frozenset[str]) -> Render:
        call = node.call
        value, helper = self._value(call, where, names, node.source)
        gone = nothing_at(node.source, self.at, _in_words(call))
        silent = helper is not None and helper.optional
        escape = node.escape
        changed = self._changed(node)
        walker = _walker(call.name)

        def render(frame: Frame) -> str:
            result = value(frame)
            gone_with = result is None and helper is None and _beyond_null(walker(frame), frame)
            if gone_with or (result is MISSING and not silent):
                frame.state.found.append(gone)
            text = js_text(result)
            if escape:
                escaped = escape_html(text)
                if changed is not None and escaped is not text:
                    frame.state.found.append(changed)
                text = escaped
            if frame.state.lines is not None:
                path = _absolute(call, frame)
                frame.state.lines.append(Line(node.source, path, result, text))
            return frame.state.grow(text)

        return render

    def _changed(self, node: Mustache) -> Notice | None:
        return escape_notice(node.source, self.at) if self.notice_escapes else None

    def _block(self, node: Block, where: Where, names: frozenset[str]) -> Render:
        call = node.call
        helper = call.name.simple
        if helper in names:
            helper = ""
        if helper in HELPERS:
            message = f"{helper} is no block helper"
            raise self._wrong(call.name, message, "blocks: " + ", ".join(BLOCKS))
        if helper in BLOCKS:
            return self._built_in(helper, node, where, names)
        if call.params or call.hash:
            raise self._unknown(call)
        if node.program is not None and node.program.params:
            raise self._wrong(call.name, f"{call.name.source} gives no names after as |…|")
        value = self._path(call.name, where, names, node.source, True)
        shown = self._part(node.program, self._inside(call.name, where), names)
        otherwise = self._part(node.inverse, where, names)
        return section(value, shown, otherwise, _walker(call.name))

    def _built_in(self, helper: str, node: Block, where: Where, names: frozenset[str]) -> Render:
        call = node.call
        if len(call.params) != 1:
            message = f"#{helper} takes exactly one value, not {len(call.params)}"
            raise self._wrong(call, message, f"{{{{#{helper} steps.1.items}}}}…{{{{/{helper}}}}}")
        (given,) = call.params
        value = self._expression(given, where, names, node.source, True)
        own = node.program.params if node.program is not None else ()
        most = {"each": 2, "with": 1}.get(helper, 0)
        if len(own) > most:
            message = f"#{helper} gives {most} name(s) after as |…|, not {len(own)}"
            raise self._wrong(call, message)
        named = {name: self._expression(one, where, names, node.source, True)
                 for name, one in call.hash}  # fmt: skip
        self._only(call, named, ("includeZero",) if helper in ("if", "unless") else ())
        inner = where
        if helper in ("each", "with"):
            inner = (*where, None)
            if helper == "with" and isinstance(given, PathName):
                inner = self._inside(given, where)
        shown = self._part(node.program, inner, names | set(own))
        otherwise = self._part(node.inverse, where, names)
        walker = _walker(given)
        if helper == "each":
            return each(value, shown, otherwise, own, walker)
        if helper == "with":
            return with_(value, shown, otherwise, own, walker)
        include = named.get("includeZero")

        def holds(frame: Frame) -> bool:
            found = value(frame)
            if isinstance(found, int | float) and not isinstance(found, bool) and found == 0:
                return include is not None and js_truthy(include(frame))
            return not is_empty(found)

        both = (shown, otherwise) if helper == "if" else (otherwise, shown)
        return either(holds, *both, node.source, walker)

    def _part(self, program: Program | None, where: Where, names: frozenset[str]) -> Render:
        return self.program(program or Program(), where, names)

    # Expressions ---------------------------------------------------------------------------------

    def _value(
        self, call: Call, where: Where, names: frozenset[str], tag: str
    ) -> tuple[Evaluate, Helper | None]:
        """What a tag prints: a helper's result, or the value at a path."""
        simple = call.name.simple
        if simple in BLOCKS and simple not in names:
            hint = f"{{{{#{simple} value}}}}…{{{{/{simple}}}}}"
            raise self._wrong(call.name, f"{simple} is a block helper", hint)
        if simple in HELPERS and simple not in names:
            return self._helper(call, HELPERS[simple], where, names, tag), HELPERS[simple]
        if call.params or call.hash:
            raise self._unknown(call)
        return self._path(call.name, where, names, tag, False), None

    def _unknown(self, call: Call) -> TemplateError:
        name = call.name.source
        if name in LACKING:
            message = f"the helper {name} ({LACKING[name]}) is not supported by the sandbox"
            return self._wrong(call.name, message, _HINT)
        close = nearest(name, [*HELPERS, *BLOCKS])
        hint = f"did you mean {close[0]}?" if close else _HINT
        return self._wrong(call.name, f"unknown helper {name!r}", hint)

    def _only(self, call: Call, named: Mapping[str, Evaluate], known: Sequence[str]) -> None:
        for name in named:
            if name not in known:
                close = nearest(name, known)
                hint = f"did you mean {close[0]}=?" if close else ""
                message = f"{call.name.source} takes no argument named {name}"
                raise self._wrong(call, message, hint)

    def _expression(
        self, node: Expression, where: Where, names: frozenset[str], tag: str, optional: bool
    ) -> Evaluate:
        if isinstance(node, Literal):
            constant = node.value
            return lambda frame: constant
        if isinstance(node, PathName):
            return self._path(node, where, names, tag, optional)
        simple = node.name.simple
        if simple not in HELPERS:
            raise self._unknown(node)
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
            raise self._wrong(call, message, helper.says)
        if helper.origin == "assumed":
            self.assumed.append(name)
        optional = helper.optional
        params = [self._expression(one, where, names, tag, optional) for one in call.params]
        named = {key: self._expression(one, where, names, tag, optional) for key, one in call.hash}
        self._only(call, named, helper.named)
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

    def _path(
        self, node: PathName, where: Where, names: frozenset[str], tag: str, optional: bool
    ) -> Evaluate:
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
            raise self._wrong(node, f"nothing is known as {node.source}", hint)
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

    def _inside(self, node: PathName, where: Where) -> Where:
        """The contexts inside a block on a path."""
        return (*where, None if node.data else self._absolute(node, where))


def escape_notice(source: str, at: str) -> Notice:
    """``{{ }}`` changed a value that is no HTML."""
    inner = source.strip("{}~& ")
    message = (
        f"{source} in {at}: the double braces escape HTML and changed the value; "
        f"{{{{{{{inner}}}}}}} leaves it as it is"
    )
    return Notice("kustomer.html_escaped", "warning", message)


def _moment(frame: Frame, key: tuple[str, ...]) -> Moment:
    root = frame.state.root
    run = root.get("run") or {}
    turn = frame.data.index if frame.data is not None else ""
    return Moment(str(root.get("now", "")), (str(run.get("id", "")), *key, str(turn)))


def _in_words(call: Call) -> str:
    """What a tag reads, for messages."""
    if not call.params:
        return call.name.source
    return " and ".join(one.source for one in call.params if not isinstance(one, Literal)) or (
        call.name.source
    )


Walker = Callable[[Frame], "Path | None"]


def _walker(node: Expression) -> Walker:
    """From a frame to the absolute path of an expression; None when it is computed."""
    if not isinstance(node, PathName):
        return lambda frame: None
    if node.data:
        rest = node.parts[1:]
        return (lambda frame: rest) if node.parts[:1] == ("root",) else (lambda frame: None)
    parts, depth = node.parts, node.depth

    def walk(frame: Frame) -> Path | None:
        if parts and parts[0] in frame.names:
            return None
        found = frame.outside(depth)
        return None if found is None or found.path is None else (*found.path, *parts)

    return walk


def _beyond_null(path: Path | None, frame: Frame) -> bool:
    """Whether a value that is null lies beyond one: to Handlebars it is null and no mistake."""
    return path is not None and look_up(frame.state.root, path) is MISSING


def _absolute(call: Call, frame: Frame) -> str:
    """The absolute path a tag reads (its first path, for a helper), for an explanation."""
    paths = (
        [call.name]
        if not call.params
        else [one for one in call.params if isinstance(one, PathName)]
    )
    if call.params and not paths:
        return "(computed)"
    path = _walker(paths[0])(frame)
    if call.name.simple in HELPERS and not call.params:
        return "(computed)"
    return paths[0].source if path is None else dotted(path) or "(everything)"
