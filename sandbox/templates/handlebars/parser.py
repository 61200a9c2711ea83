"""Pieces → a tree of statements."""

from __future__ import annotations

from sandbox.errors import TemplateError
from sandbox.templates.handlebars.javascript import js_text
from sandbox.templates.handlebars.nodes import (
    Block,
    Call,
    Comment,
    Content,
    Literal,
    Mustache,
    PathName,
    Program,
    Strip,
)
from sandbox.templates.handlebars.reader import CONSTANTS, MAX_NESTED, Reader
from sandbox.templates.handlebars.scanner import HINT, Piece, pieces
from sandbox.templates.handlebars.whitespace import control

__all__ = ["parse"]


def parse(text: str) -> Program:
    """The template as a tree, white space already taken away.

    Raises:
        TemplateError: with the position.
    """
    parser = _Parser(text, list(pieces(text)))
    program = parser.program(0)
    if parser.at < len(parser.pieces):
        piece = parser.pieces[parser.at]
        what = "an else" if piece.kind in ("else", "chain") else "the end of a block"
        raise TemplateError(
            text, piece.start, f"{what} without its beginning", HINT, len(piece.text)
        )
    control(program)
    return program


class _Parser:
    def __init__(self, text: str, found: list[Piece]) -> None:
        self.text = text
        self.pieces = found
        self.at = 0

    def program(self, level: int) -> Program:
        """Statements up to an ``else``, the end of a block, or the end."""
        made = Program()
        while self.at < len(self.pieces):
            piece = self.pieces[self.at]
            if piece.kind in ("else", "chain", "/"):
                break
            if level > MAX_NESTED:
                message = f"blocks are nested deeper than {MAX_NESTED} levels"
                raise TemplateError(self.text, piece.start, message)
            self.at += 1
            if piece.kind == "text":
                made.body.append(Content(piece.text, piece.text))
            elif piece.kind == "comment":
                made.body.append(Comment(piece.strip))
            elif piece.kind in ("#", "^"):
                made.body.append(self._block(piece, piece.kind == "^", level))
            else:
                call, _ = self._call(piece)
                made.body.append(
                    Mustache(piece.text, piece.start, call, piece.kind == "", piece.strip)
                )
        return made

    def _block(self, opening: Piece, inverted: bool, level: int) -> Block:
        call, params = self._call(opening)
        program = self.program(level + 1)
        program.params = params
        inverse, inverse_strip = self._otherwise(level)
        closing = self._closing(opening, call)
        _close(inverse, closing.strip)
        shown, otherwise = (inverse, program) if inverted else (program, inverse)
        return Block(
            opening.text,
            opening.start,
            call,
            shown,
            otherwise,
            opening.strip,
            inverse_strip,
            closing.strip,
        )

    def _otherwise(self, level: int) -> tuple[Program | None, Strip | None]:
        """What follows ``else``, and the ``~`` of that tag."""
        if self.at >= len(self.pieces):
            return None, None
        piece = self.pieces[self.at]
        if piece.kind == "else":
            self.at += 1
            return self.program(level + 1), piece.strip
        if piece.kind != "chain":
            return None, None
        if level > MAX_NESTED:
            raise TemplateError(self.text, piece.start, "too many else if in one block")
        self.at += 1
        call, params = self._call(piece)
        program = self.program(level + 1)
        program.params = params
        inverse, strip = self._otherwise(level + 1)
        if strip is not None:
            _close(inverse, strip)
        block = Block(piece.text, piece.start, call, program, inverse, piece.strip, strip, strip)
        return Program([block], (), True), piece.strip

    def _closing(self, opening: Piece, call: Call) -> Piece:
        name = call.name.source
        if self.at >= len(self.pieces):
            message = f"the block {name} is not closed"
            hint = f"write {{{{/{name}}}}} where it ends"
            raise TemplateError(self.text, opening.start, message, hint, len(opening.text))
        piece = self.pieces[self.at]
        if piece.kind != "/":
            message = "an else without its beginning"
            raise TemplateError(self.text, piece.start, message, HINT, len(piece.text))
        self.at += 1
        words = "".join(token.text for token in piece.tokens)
        if words != name:
            raise TemplateError(
                self.text,
                piece.start,
                f"{{{{/{words}}}}} closes nothing: the block that is open is {name}",
                f"write {{{{/{name}}}}}",
                len(piece.text),
            )
        return piece

    # Inside a tag --------------------------------------------------------------------------------

    def _call(self, piece: Piece) -> tuple[Call, tuple[str, ...]]:
        """What a tag holds: a name, its arguments, and the names after ``as |``."""
        tokens = piece.tokens
        if not tokens:
            message = "an empty tag"
            raise TemplateError(
                self.text, piece.start, message, "write {{steps.1.id}}", len(piece.text)
            )
        reader = Reader(self.text, tokens, piece)
        head = reader.expression(0)
        if isinstance(head, Call):
            message = "a subexpression cannot stand first in a tag"
            hint = "write the helper without brackets: {{helper value}}"
            raise TemplateError(self.text, head.start, message, hint, len(head.source))
        if isinstance(head, Literal):
            # The name is what JavaScript prints, so {{1.50}} reads "1.5".
            name = head.source if head.source in CONSTANTS else js_text(head.value)
            head = PathName(head.source, head.start, 0, False, False, (name,))
        params, named = reader.arguments(0)
        names = reader.block_params() if piece.kind in ("#", "chain") else ()
        reader.finish()
        return Call(piece.text, piece.start, head, params, named), names


def _close(inverse: Program | None, strip: Strip) -> None:
    """The ``~`` that closes the block of an ``else if`` stands in the tag that ends it."""
    if inverse is not None and inverse.chained:
        block = inverse.body[0]
        assert isinstance(block, Block)
        block.close_strip = strip
