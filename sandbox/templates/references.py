"""Kustomer's references: a whole string ``/#steps.1.id`` stands for the value, with its type.

A reference that finds nothing leaves its field out. Inside a longer text it is no reference: the
text is sent as it is written.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from sys import intern
from typing import Final

from sandbox.errors import nearest
from sandbox.model.base import Json
from sandbox.templates.filters import to_text, type_name
from sandbox.templates.functions import FUNCTIONS, NOT_PLAYED
from sandbox.templates.handlebars.library import HELPERS
from sandbox.templates.noticing import Found, Notice, nothing_at, nothing_of
from sandbox.templates.paths import MISSING, Path, dotted, getter
from sandbox.templates.snippet import Tag
from sandbox.templates.text import Provenance, Render, Straight, Text

__all__ = ["MARK", "Reference", "read_path"]

MARK: Final = "/#"
_FUNCTION: Final = "/#fn:"
_PARTS = re.compile(r"\[([^\[\]]*)\]|([^.\[\]]+)")


def read_path(text: str) -> tuple[Path, bool]:
    """``steps.[a-b].body.0`` → its parts, and whether any stood in brackets."""
    parts = tuple(intern(match[1] or match[2] or "") for match in _PARTS.finditer(text))
    return parts, "[" in text


class Reference(Text):
    """One reference, or a function of one."""

    __slots__ = ("_get", "_tag", "_unknown", "path")

    def __init__(self, source: str, at: str = "") -> None:
        """Read ``source``, which begins with ``/#``; whatever is odd becomes a notice."""
        super().__init__(source, at)
        self.omits = True
        self.path: Path = ()
        """What it reads; empty for a function."""
        self._unknown = ""
        """Why its function gives nothing, whatever it reads; empty: it is known."""
        if source.startswith(_FUNCTION):
            path, self._get = self._function(source.removeprefix(_FUNCTION))
        else:
            path = self._plain(source.removeprefix(MARK))
            self.path = path
            self._get = getter(path) if path else lambda scope: scope
            self.straight = Straight(path, None) if path else None
        self._tag = Tag(source, 0, path, None, ())
        self.plain = bool(path)  # without one it is the whole scope
        self.render = self._rendering(path)

    def _rendering(self, path: Path) -> Render:
        left_out = not self.at.endswith("]")
        gone = nothing_at(self.source, self.at, dotted(path), left_out)
        if self._unknown:
            why, _, hint = self._unknown.partition("; ")
            gone = nothing_of(self.source, self.at, why, left_out, hint)
        get = self._get
        if self.path or self._unknown:

            def plainly(scope: Json, found: Found) -> Json:
                value = get(scope)
                if value is MISSING:
                    found.append(gone)
                return value

            return plainly
        read = getter(path) if path else lambda scope: MISSING
        why = f"the function has no result for what is at {dotted(path)}"
        none = nothing_of(self.source, self.at, why, left_out)

        def of_function(scope: Json, found: Found) -> Json:
            value = get(scope)
            if value is MISSING:
                found.append(gone if read(scope) is MISSING else none)
            return value

        return of_function

    def _plain(self, text: str) -> Path:
        path, bracketed = read_path(text)
        if bracketed:
            better = MARK + ".".join(path)
            self._notice(
                "kustomer.bracketed_path", "info",
                f"{self.source}: the brackets stand on the vendor's help page and in no document "
                f"that works; write {better}",
            )  # fmt: skip
        if not path or re.search(r"\s|\{\{", text):
            self._notice(
                "kustomer.reference_in_text", "warning",
                f"{self.source}: a reference is a whole value by itself, with no text after it; "
                "write the text with {{{…}}} instead",
            )  # fmt: skip
        return path

    def _function(self, text: str) -> tuple[Path, Callable[[Json], Json]]:
        name, *arguments = text.split(",")
        where = arguments[0] if arguments else ""
        if where.startswith(MARK):
            where = where.removeprefix(MARK)
            self._notice(
                "kustomer.function_path", "warning",
                f"{self.source}: the path of a function is bare; write {where}",
            )  # fmt: skip
        if any(argument != argument.strip() for argument in arguments[:1]) or name != name.strip():
            self._notice(
                "kustomer.function_path", "warning",
                f"{self.source}: commas separate the parts, without blanks",
            )  # fmt: skip
        path, _ = read_path(where)
        function = FUNCTIONS.get(name)
        if function is None:
            self._not_known(name, where)
            return path, lambda scope: MISSING
        if not path:
            self._notice(
                "kustomer.function_path", "warning", f"{self.source}: {name} has no path to read"
            )
        more = arguments[1:]
        if len(more) > function.most:
            self._notice(
                "kustomer.function_path", "warning",
                f"{self.source}: {name} takes {function.most} argument(s) after its path, and an "
                "argument cannot hold a comma",
            )  # fmt: skip
            more = more[: function.most]
        get, apply = getter(path) if path else (lambda scope: MISSING), function.apply

        def value(scope: Json) -> Json:
            try:
                return apply(get(scope), *more)
            except (ValueError, TypeError, OverflowError):
                return MISSING

        return path, value

    def _not_known(self, name: str, where: str) -> None:
        if name in NOT_PLAYED:
            message = f"{name} gives nothing here: {NOT_PLAYED[name]}"
            self._unknown = message
        else:
            close = nearest(name, FUNCTIONS)
            hint = f"did you mean {close[0]}?" if close else "known: " + ", ".join(FUNCTIONS)
            helper = nearest(name, [one for one in HELPERS if len(one) > 3], 1)
            if name in HELPERS or (helper and not close):
                called = name if name in HELPERS else helper[0]
                hint = f"{called} is a helper, for text: {{{{{{{f'{called} {where}'.rstrip()}}}}}}}"
            self._unknown = f"there is no function {name!r}; {hint}"
            message = f"there is no function {name!r}; it does not fail, it gives nothing; {hint}"
        self._notice("kustomer.unknown_function", "warning", f"{self.source}: {message}")

    def _notice(self, code: str, level: str, message: str) -> None:
        place = f"{self.at}: " if self.at else ""
        self.notices.append(Notice(code, "info" if level == "info" else "warning", place + message))

    def text(self, scope: Json, found: Found) -> str:
        """The value as text; empty when there is none."""
        return to_text(self.render(scope, found))

    def tags(self) -> Iterator[Tag]:
        """What it reads."""
        if self._tag.path:
            yield self._tag

    def explain(self, scope: Json) -> list[Provenance]:
        """One line."""
        value = self._get(scope)
        shown = None if value is MISSING else value
        where = dotted(self._tag.path) or "(everything)"
        if self._unknown:
            where = "(the function gives nothing)"
        return [Provenance(self.at, self.source, where, shown, type_name(value), shown)]

    def pieces(self) -> list[str | Tag]:
        """The one tag."""
        return [self._tag]
