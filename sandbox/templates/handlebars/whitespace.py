"""White space around tags: what ``~`` takes away, and lines that hold nothing but a block tag.

A block tag, its ``else`` and its end, or a comment that stands alone on a line takes the line
with it, as in Mustache; a value that stands alone keeps its line.
"""

from __future__ import annotations

import re

from sandbox.templates.handlebars.nodes import Block, Comment, Content, Mustache, Node, Program

__all__ = ["control"]

_SPACE = (
    "\t\n\v\f\r \xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000\ufeff"
)
"""White space in JavaScript (ECMA-262 §12.2 and §12.3)."""
_LINE_START = re.compile(r"[ \t]*\r?\n?")


def control(program: Program, root: bool = True) -> None:
    """Take away what goes, in place."""
    body = program.body
    for index, node in enumerate(body):
        if isinstance(node, Content):
            continue
        if isinstance(node, Block):
            opens, closes = _block(node)
            before, after = node.open_strip.open, bool(node.close_strip and node.close_strip.close)
            alone = False
        else:
            opens = closes = False
            before, after = node.strip
            alone = isinstance(node, Comment)
        blank_before = _blank_before(body, index, root)
        blank_after = _blank_after(body, index, root)
        if after:
            _omit_right(body, index + 1, True)
        if before:
            _omit_left(body, index - 1, True)
        if alone and blank_before and blank_after:
            _omit_right(body, index + 1)
            _omit_left(body, index - 1)
        if isinstance(node, Block):
            first, last = node.program or node.inverse, node.inverse or node.program
            if opens and blank_before and first is not None:
                _omit_right(first.body, 0)
                _omit_left(body, index - 1)
            if closes and blank_after and last is not None:
                _omit_right(body, index + 1)
                _omit_left(last.body, len(last.body) - 1)


def _block(block: Block) -> tuple[bool, bool]:
    """Inside a block; whether its opening and its closing tag stand alone, seen from inside."""
    for part in (block.program, block.inverse):
        if part is not None:
            control(part, False)
    program = block.program or block.inverse
    assert program is not None
    inverse = block.inverse if block.program is not None else None
    first = last = inverse
    if inverse is not None and inverse.chained:
        chained = inverse.body[0]
        assert isinstance(chained, Block)
        first = chained.program
        while last is not None and last.chained:
            chained = last.body[-1]
            assert isinstance(chained, Block)
            last = chained.program
    opens = _blank_after(program.body, -1, False)
    ending = (first or program).body
    closes = _blank_before(ending, len(ending), False)
    close_open = bool(block.close_strip and block.close_strip.open)
    if block.open_strip.close:
        _omit_right(program.body, 0, True)
    if first is not None and last is not None:
        strip = block.inverse_strip
        if strip is not None and strip.open:
            _omit_left(program.body, len(program.body) - 1, True)
        if strip is not None and strip.close:
            _omit_right(first.body, 0, True)
        if close_open:
            _omit_left(last.body, len(last.body) - 1, True)
        if _blank_before(program.body, len(program.body), False) and _blank_after(
            first.body, -1, False
        ):
            _omit_left(program.body, len(program.body) - 1)
            _omit_right(first.body, 0)
    elif close_open:
        _omit_left(program.body, len(program.body) - 1, True)
    return opens, closes


def _blank_before(body: list[Node], index: int, root: bool) -> bool:
    """Whether only white space stands between a line's start and the node at ``index``."""
    if index <= 0:
        return root
    node = body[index - 1]
    if not isinstance(node, Content):
        return False
    # Stripped, not searched for: a pattern that ends at the end tries every blank before it.
    rest = node.original.rstrip(_SPACE)
    blank = "\n" in node.original[len(rest) :]
    return blank or (not rest and root and index < 2)


def _blank_after(body: list[Node], index: int, root: bool) -> bool:
    if index + 1 >= len(body):
        return root
    node = body[index + 1]
    if not isinstance(node, Content):
        return False
    rest = node.original.lstrip(_SPACE)
    blank = "\n" in node.original[: len(node.original) - len(rest)]
    return blank or (not rest and root and index + 2 >= len(body))


def _content(body: list[Node], index: int) -> Content | None:
    node: Node | None = body[index] if 0 <= index < len(body) else None
    return None if node is None or isinstance(node, Mustache | Block | Comment) else node


def _omit_right(body: list[Node], index: int, several: bool = False) -> None:
    node = _content(body, index)
    if node is None or (not several and node.right_stripped):
        return
    before = node.value
    if several:
        node.value = before.lstrip(_SPACE)
    elif match := _LINE_START.match(before):
        node.value = before[match.end() :]
    node.right_stripped = node.value != before


def _omit_left(body: list[Node], index: int, several: bool = False) -> None:
    node = _content(body, index)
    if node is None or (not several and node.left_stripped):
        return
    before = node.value
    node.value = before.rstrip(_SPACE if several else " \t")
    node.left_stripped = node.value != before
