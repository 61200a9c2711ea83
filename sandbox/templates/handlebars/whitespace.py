"""White space around tags: what ``~`` takes away, and lines that hold nothing but a block tag.

A block tag, its ``else`` and its end, or a comment that stands alone on a line takes the line
with it, as in Mustache; a value that stands alone keeps its line.
"""

from __future__ import annotations

import re

from sandbox.templates.handlebars.nodes import Block, Comment, Content, Mustache, Node, Program

__all__ = ["control"]

_BLANK_BEFORE = re.compile(r"\r?\n\s*?\Z")
_BLANK_BEFORE_FIRST = re.compile(r"(?:^|\r?\n)\s*?\Z")
_BLANK_AFTER = re.compile(r"\s*?\r?\n")
_BLANK_AFTER_LAST = re.compile(r"\s*?(?:\r?\n|\Z)")
_SPACE_START = re.compile(r"[\s\ufeff]+")
_SPACE_END = re.compile(r"[\s\ufeff]+\Z")
_LINE_START = re.compile(r"[ \t]*\r?\n?")
_LINE_END = re.compile(r"[ \t]+\Z")


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
    pattern = _BLANK_BEFORE if index >= 2 or not root else _BLANK_BEFORE_FIRST
    return pattern.search(node.original) is not None


def _blank_after(body: list[Node], index: int, root: bool) -> bool:
    if index + 1 >= len(body):
        return root
    node = body[index + 1]
    if not isinstance(node, Content):
        return False
    pattern = _BLANK_AFTER if index + 2 < len(body) or not root else _BLANK_AFTER_LAST
    return pattern.match(node.original) is not None


def _content(body: list[Node], index: int) -> Content | None:
    node: Node | None = body[index] if 0 <= index < len(body) else None
    return None if node is None or isinstance(node, Mustache | Block | Comment) else node


def _omit_right(body: list[Node], index: int, several: bool = False) -> None:
    node = _content(body, index)
    if node is None or (not several and node.right_stripped):
        return
    before = node.value
    match = (_SPACE_START if several else _LINE_START).match(before)
    node.value = before[match.end() :] if match else before
    node.right_stripped = node.value != before


def _omit_left(body: list[Node], index: int, several: bool = False) -> None:
    node = _content(body, index)
    if node is None or (not several and node.left_stripped):
        return
    before = node.value
    node.value = (_SPACE_END if several else _LINE_END).sub("", before, count=1)
    node.left_stripped = node.value != before
