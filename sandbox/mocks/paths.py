"""Path patterns of rules, one by one and many at once.

``{name}`` stands for one segment (or a part of one) and ``*`` for the rest. A pattern is tried on
the path as it was sent and on the path with its percent escapes undone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import unquote

__all__ = ["PathIndex", "PathPattern"]

_MARK = re.compile(r"\{[^{}/]*\}|\*")
_HOLE = "{}"


class PathPattern:
    """One compiled pattern."""

    __slots__ = ("_whole", "canonical", "literal", "text")

    def __init__(self, text: str) -> None:
        """``text`` as it stands in the rule; it starts with ``/`` or ``*``."""
        self.text = text
        canonical: list[str] = []
        at = 0
        for mark in _MARK.finditer(text):
            canonical += [text[at : mark.start()], "*" if mark[0] == "*" else _HOLE]
            at = mark.end()
        self.literal = at == 0
        self.canonical = "".join(canonical) + text[at:]
        self._whole: re.Pattern[str] | None = None

    @property
    def whole(self) -> re.Pattern[str]:
        """As a regular expression with a group for every mark, made when it is first asked for:
        of thousands of rules most are never tried.
        """
        if self._whole is None:
            pieces: list[str] = []
            at = 0
            for mark in _MARK.finditer(self.text):
                pieces += [re.escape(self.text[at : mark.start()])]
                pieces += ["(.*)" if mark[0] == "*" else "([^/]+)"]
                at = mark.end()
            self._whole = re.compile("".join(pieces) + re.escape(self.text[at:]), re.DOTALL)
        return self._whole

    def matches(self, paths: Iterable[str]) -> bool:
        """Whether one of the spellings of a path fits."""
        if self.literal:
            return self.text in paths
        return any(self.whole.fullmatch(path) for path in paths)

    def captures(self, paths: Iterable[str]) -> dict[str, str]:
        """What the named parts of the first spelling that fits are, escapes undone; ``*`` is
        ``rest``.
        """
        names = ["rest" if mark == "*" else mark[1:-1] for mark in _MARK.findall(self.text)]
        for path in paths:
            found = self.whole.fullmatch(path)
            if found is not None:
                return dict(zip(names, map(unquote, found.groups()), strict=True))
        return {}

    @property
    def key(self) -> str | None:
        """A name under which ``PathIndex`` finds it; None when only trying it will do."""
        if self.literal:
            return "=" + self.text
        if self.canonical.endswith("*"):
            start = self.canonical[:-1]
            return None if _HOLE in start or "*" in start else "*" + start
        parts = self.canonical.split("/")
        clean = all(part == _HOLE or not _MARK.search(part) for part in parts)
        return "{" + self.canonical if clean else None


class PathIndex:
    """Finds the patterns that fit a path without trying each of them."""

    def __init__(self, patterns: Iterable[PathPattern]) -> None:
        """Only patterns that have a key are looked at."""
        self._keys: set[str] = set()
        lengths: set[int] = set()
        shapes: dict[int, set[tuple[int, ...]]] = {}
        for pattern in patterns:
            key = pattern.key
            if key is None or key in self._keys:
                continue
            self._keys.add(key)
            if key[0] == "*":
                lengths.add(len(key) - 1)
            elif key[0] == "{":
                parts = key[1:].split("/")
                holes = tuple(at for at, part in enumerate(parts) if part == _HOLE)
                shapes.setdefault(len(parts), set()).add(holes)
        self._lengths = sorted(lengths)
        self._shapes = {count: sorted(found) for count, found in shapes.items()}

    def find(self, paths: Iterable[str]) -> tuple[str, ...]:
        """The keys of the patterns that fit one of the spellings of a path."""
        found: dict[str, None] = {}
        for path in paths:
            candidates = ["=" + path]
            candidates += ["*" + path[:length] for length in self._lengths if length <= len(path)]
            if self._shapes:
                parts = path.split("/")
                for holes in self._shapes.get(len(parts), ()):
                    if all(parts[at] for at in holes):
                        filled = list(parts)
                        for at in holes:
                            filled[at] = _HOLE
                        candidates.append("{" + "/".join(filled))
            found.update((key, None) for key in candidates if key in self._keys)
        return tuple(found)
