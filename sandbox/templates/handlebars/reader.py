"""The tokens of one tag → what stands in it: paths, literals, subexpressions, arguments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sandbox.errors import TemplateError
from sandbox.model.base import Json
from sandbox.templates.handlebars.javascript import whole
from sandbox.templates.handlebars.nodes import Call, Expression, Literal, PathName
from sandbox.templates.handlebars.scanner import HINT, NO_FILTERS, Piece, Token
from sandbox.templates.paths import MISSING

__all__ = ["CONSTANTS", "MAX_NESTED", "Reader"]

MAX_NESTED: Final = 32
"""Levels that blocks and subexpressions may nest."""
CONSTANTS: Final[dict[str, Json]] = {
    "true": True,
    "false": False,
    "null": None,
    "undefined": MISSING,
}
"""Words that are values."""


class Reader:
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
            if token.text in CONSTANTS:
                return Literal(token.text, token.start, CONSTANTS[token.text])
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


def _plain(token: Token) -> str:
    return token.text[1:-1] if token.kind == "segment" else token.text
