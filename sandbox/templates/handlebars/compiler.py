"""A tree of statements → closures from a frame to text; ``expressions`` makes those for values.

What is wrong with a template besides its grammar (an unknown helper, too many arguments, a
misspelt ``@index``) is found here, once.
"""

from __future__ import annotations

from collections.abc import Callable

from sandbox.templates.handlebars.blocks import each, either, section, with_
from sandbox.templates.handlebars.expressions import Expressions, Where
from sandbox.templates.handlebars.frames import Frame, Line
from sandbox.templates.handlebars.javascript import escape_html, is_empty, js_text, js_truthy
from sandbox.templates.handlebars.library import BLOCKS, HELPERS
from sandbox.templates.handlebars.nodes import (
    Block,
    Comment,
    Content,
    Mustache,
    PathName,
    Program,
)
from sandbox.templates.handlebars.whereabouts import absolute, beyond_null, in_words, walker_of
from sandbox.templates.noticing import Notice, nothing_at
from sandbox.templates.paths import MISSING, Path
from sandbox.templates.snippet import Tag

__all__ = ["Compiled", "compile_program", "escape_notice", "plain_path"]

Render = Callable[[Frame], str]


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


class _Compiler(Expressions):
    def __init__(self, text: str, at: str, notice_escapes: bool) -> None:
        super().__init__(text, at)
        self.notice_escapes = notice_escapes

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
        value, helper = self.value(call, where, names, node.source)
        gone = nothing_at(node.source, self.at, in_words(call))
        silent = helper is not None and helper.optional
        escape = node.escape
        changed = self._changed(node)
        walker = walker_of(call.name)

        def render(frame: Frame) -> str:
            result = value(frame)
            gone_with = result is None and helper is None and beyond_null(walker(frame), frame)
            if gone_with or (result is MISSING and not silent):
                frame.state.found.append(gone)
            text = js_text(result)
            if escape:
                escaped = escape_html(text)
                if changed is not None and escaped is not text:
                    frame.state.found.append(changed)
                text = escaped
            if frame.state.lines is not None:
                path = absolute(call, frame)
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
            raise self.wrong(call.name, message, "blocks: " + ", ".join(BLOCKS))
        if helper in BLOCKS:
            return self._built_in(helper, node, where, names)
        if call.params or call.hash:
            raise self.unknown(call)
        if node.program is not None and node.program.params:
            raise self.wrong(call.name, f"{call.name.source} gives no names after as |…|")
        value = self.path(call.name, where, names, node.source, True)
        shown = self._part(node.program, self.inside(call.name, where), names)
        otherwise = self._part(node.inverse, where, names)
        return section(value, shown, otherwise, walker_of(call.name))

    def _built_in(self, helper: str, node: Block, where: Where, names: frozenset[str]) -> Render:
        call = node.call
        if len(call.params) != 1:
            message = f"#{helper} takes exactly one value, not {len(call.params)}"
            raise self.wrong(call, message, f"{{{{#{helper} steps.1.items}}}}…{{{{/{helper}}}}}")
        (given,) = call.params
        value = self.expression(given, where, names, node.source, True)
        own = node.program.params if node.program is not None else ()
        most = {"each": 2, "with": 1}.get(helper, 0)
        if len(own) > most:
            message = f"#{helper} gives {most} name(s) after as |…|, not {len(own)}"
            raise self.wrong(call, message)
        named = {name: self.expression(one, where, names, node.source, True)
                 for name, one in call.hash}  # fmt: skip
        self.only(call, named, ("includeZero",) if helper in ("if", "unless") else ())
        inner = where
        if helper in ("each", "with"):
            inner = (*where, None)
            if helper == "with" and isinstance(given, PathName):
                inner = self.inside(given, where)
        shown = self._part(node.program, inner, names | set(own))
        otherwise = self._part(node.inverse, where, names)
        walker = walker_of(given)
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


def escape_notice(source: str, at: str) -> Notice:
    """``{{ }}`` changed a value that is no HTML."""
    inner = source.strip("{}~& ")
    message = (
        f"{source} in {at}: the double braces escape HTML and changed the value; "
        f"{{{{{{{inner}}}}}}} leaves it as it is"
    )
    return Notice("kustomer.html_escaped", "warning", message)
