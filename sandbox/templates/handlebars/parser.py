"""Pieces → a tree of statements."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sandbox.errors import TemplateError
from sandbox.model.base import Json
from sandbox.templates.handlebars.javascript import js_text, whole
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
    Strip,
)
from sandbox.templates.handlebars.scanner import HINT, NO_FILTERS, Piece, Token, pieces
from sandbox.templates.handlebars.whitespace import control
from sandbox.templates.paths import MISSING

__all__ = ["MAX_NESTED", "parse"]

MAX_NESTED: Final = 32
"""Levels that blocks and subexpressions may nest."""
_CONSTANTS: Final[dict[str, Json]] = {
    "true": True,
    "false": False,
    "null": None,
    "undefined": MISSING,
}


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
        reader = _Reader(self.text, tokens, piece)
        head = reader.expression(0)
        if isinstance(head, Call):
            message = "a subexpression cannot stand first in a tag"
            hint = "write the helper without brackets: {{helper value}}"
            raise TemplateError(self.text, head.start, message, hint, len(head.source))
        if isinstance(head, Literal):
            # The name is what JavaScript prints, so {{1.50}} reads "1.5".
            name = head.source if head.source in _CONSTANTS else js_text(head.value)
            head = PathName(head.source, head.start, 0, False, False, (name,))
        params, named = reader.arguments(0)
        names = reader.block_params() if piece.kind in ("#", "chain") else ()
        reader.finish()
        return Call(piece.text, piece.start, head, params, named), names


class _Reader:
    """Reads expressions from the tokens of one tag."""

    def __init__(self, text: str, tokens: Sequence[Token], piece: Piece) -> None:
        self.text = text
        self.tokens = tokens
        self.piece = piece
        self.at = 0

    def _peek(self, ahead: int = 0) -> Token | None:
        place = self.at + ahead
        return self.tokens[place] if place < len(self.tokens) else None

    def _unexpected(self, token: Token | None) -> TemplateError:
        if token is None:
            end = self.piece.start + len(self.piece.text) - 2
            return TemplateError(self.text, end, "the tag ends too early", HINT, 2)
        message = f"unexpected {token.text!r} in a tag"
        hint = NO_FILTERS if token.kind == "bar" else HINT
        before = self.tokens[self.at - 1] if self.at else None
        if token.kind == "literal" and before is not None and before.kind == "sep":
            message = f"a path cannot end with the bare number {token.text}"
            hint = f"write [{token.text}]: items.[{token.text}]"
        return TemplateError(self.text, token.start, message, hint, len(token.text))

    def finish(self) -> None:
        """Nothing may be left."""
        if self.at < len(self.tokens):
            raise self._unexpected(self._peek())

    def arguments(
        self, level: int
    ) -> tuple[tuple[Expression, ...], tuple[tuple[str, Expression], ...]]:
        """Values, then ``name=value`` pairs."""
        params: list[Expression] = []
        named: list[tuple[str, Expression]] = []
        while True:
            token, after = self._peek(), self._peek(1)
            if token is None or token.text == ")" or token.kind == "params":
                return tuple(params), tuple(named)
            if after is not None and after.kind == "equals":
                if token.kind not in ("id", "segment"):
                    raise self._unexpected(token)
                self.at += 2
                named.append((_plain(token), self.expression(level)))
            elif named:
                message = "a plain value after a named one"
                hint = "values stand before name=value"
                raise TemplateError(self.text, token.start, message, hint, len(token.text))
            else:
                params.append(self.expression(level))

    def block_params(self) -> tuple[str, ...]:
        """``as |item index|``."""
        token = self._peek()
        if token is None or token.kind != "params":
            return ()
        self.at += 1
        names = []
        while (token := self._peek()) is not None and token.kind == "id":
            names.append(token.text)
            self.at += 1
        if token is None or token.kind != "bar" or not names:
            raise self._unexpected(token)
        self.at += 1
        return tuple(names)

    def expression(self, level: int) -> Expression:
        """A path, literal or subexpression."""
        token = self._peek()
        if token is None:
            raise self._unexpected(None)
        if token.text == "(" and token.kind == "paren":
            return self._subexpression(token, level)
        if token.kind == "string":
            self.at += 1
            quote = token.text[0]
            return Literal(token.text, token.start, token.text[1:-1].replace("\\" + quote, quote))
        if token.kind == "literal":
            self.at += 1
            if token.text in _CONSTANTS:
                return Literal(token.text, token.start, _CONSTANTS[token.text])
            return Literal(token.text, token.start, whole(float(token.text)))
        return self._path(token)

    def _subexpression(self, opening: Token, level: int) -> Call:
        if level >= MAX_NESTED:
            message = f"subexpressions are nested deeper than {MAX_NESTED} levels"
            raise TemplateError(self.text, opening.start, message)
        self.at += 1
        name = self.expression(level + 1)
        if not isinstance(name, PathName):
            raise TemplateError(self.text, name.start, "a helper's name is wanted here", HINT)
        params, named = self.arguments(level + 1)
        closing = self._peek()
        if closing is None or closing.text != ")":
            raise self._unexpected(closing)
        self.at += 1
        source = self.text[opening.start : closing.end]
        return Call(source, opening.start, name, params, named)

    def _path(self, first: Token) -> PathName:
        """``@root.a``, ``../a``, ``this.a``, ``a.b/[c d]``."""
        data = first.kind == "data"
        if data:
            self.at += 1
        depth = 0
        scoped = False
        parts: list[str] = []
        while True:
            token = self._peek()
            if token is None:
                raise self._unexpected(None)
            if token.kind == "up" or token.kind == "dot" or token.text == "this":
                if parts:
                    message = f"{token.text} can only stand at the beginning of a path"
                    raise TemplateError(self.text, token.start, message, HINT, len(token.text))
                depth += token.kind == "up"
                scoped = True
            elif token.kind in ("id", "segment"):
                parts.append(_plain(token))
            else:
                raise self._unexpected(token)
            self.at += 1
            after = self._peek()
            if after is None or after.kind != "sep":
                source = self.text[first.start : token.end]
                return PathName(source, first.start, depth, data, scoped, tuple(parts))
            self.at += 1


def _close(inverse: Program | None, strip: Strip) -> None:
    """The ``~`` that closes the block of an ``else if`` stands in the tag that ends it."""
    if inverse is not None and inverse.chained:
        block = inverse.body[0]
        assert isinstance(block, Block)
        block.close_strip = strip


def _plain(token: Token) -> str:
    return token.text[1:-1] if token.kind == "segment" else token.text
