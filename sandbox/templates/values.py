"""Open JSON whose strings are templates, compiled to closures."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sandbox.errors import DocumentError, Problem, TemplateError
from sandbox.model.base import Json
from sandbox.templates.compiled import Template
from sandbox.templates.gathering import Slot, gathered
from sandbox.templates.noticing import Found
from sandbox.templates.paths import MISSING
from sandbox.templates.snippet import MAX_TEXT, Tag, TooLarge
from sandbox.templates.text import Provenance, Render, Text

__all__ = ["MAX_VALUES", "Value", "check_size"]

MAX_VALUES = 10_000
"""Values one rendered attribute may hold, itself and all inside it."""
MAX_LEVELS = 64
"""Levels it may nest."""

Make = Callable[[str, str], Text]


class Value:
    """Open JSON whose strings (values, not keys) are templates."""

    __slots__ = ("_make", "nothing", "render", "source", "templates")

    def __init__(
        self,
        source: Json,
        at: str,
        keep_types: bool = False,
        make: Make | None = None,
        nothing: Json = None,
    ) -> None:
        """Compile ``source``.

        Args:
            source: open JSON.
            at: the field it stands in, for findings.
            keep_types: for snippet tags, whether one whole tag keeps the value's JSON type.
            make: text and field → a template; None: snippet tags.
            nothing: what the whole renders when it is one reference that finds nothing.

        Raises:
            DocumentError: with the path and position of every tag that cannot be read.
        """
        self.source = source
        self.nothing = nothing
        self._make = make or (lambda text, field: Template(text, field, keep_types))
        self.templates: list[Text] = []
        problems: list[Problem] = []
        render = self._compiled(source, at, problems)
        whole = self.templates[0] if isinstance(source, str) and self.templates else None
        self.render: Render = self._whole(render) if whole is not None and whole.omits else render
        if problems:
            raise DocumentError("template", problems)

    def _whole(self, render: Render) -> Render:
        nothing = self.nothing

        def whole(scope: Json, found: Found) -> Json:
            value = render(scope, found)
            return nothing if value is MISSING else value

        return whole

    @property
    def static(self) -> bool:
        """Whether nothing in it depends on the scope."""
        return all(template.static for template in self.templates)

    def _text(self, source: str, at: str, problems: list[Problem]) -> Text | None:
        """A text that has to be rendered; None for one that stands as it is written."""
        try:
            text = self._make(source, at)
        except TemplateError as wrong:
            problems.append(Problem(at, str(wrong)))
            return None
        if text.static and text.literal == source and not text.notices:
            return None
        self.templates.append(text)
        return text

    def _compiled(self, value: Json, at: str, problems: list[Problem]) -> Render:
        if isinstance(value, str):
            text = self._text(value, at, problems)
            if text is not None:
                return text.render
        elif isinstance(value, dict):
            slots = []
            for key, item in value.items():
                slot = self._slot(key, item, f"{at}.{key}" if at else key, problems)
                if slot is not None:
                    slots.append(slot)
            if slots:
                return gathered(value, slots, at)
        elif isinstance(value, list):
            before = len(self.templates)
            items = [
                self._compiled(item, f"{at}[{index}]", problems) for index, item in enumerate(value)
            ]
            if len(self.templates) > before:
                return lambda scope, found: [
                    None if (made := render(scope, found)) is MISSING else made for render in items
                ]
        return lambda scope, found: value

    def _slot(self, key: str, item: Json, at: str, problems: list[Problem]) -> Slot | None:
        """A field that has to be rendered; None for one that never changes."""
        if isinstance(item, str):
            text = self._text(item, at, problems)
            return None if text is None else Slot(key, text.straight, text.render)
        before = len(self.templates)
        render = self._compiled(item, at, problems)
        return Slot(key, None, render) if len(self.templates) > before else None

    def tags(self) -> Iterator[Tag]:
        """Every tag, in document order."""
        for template in self.templates:
            yield from template.tags()

    def explain(self, scope: Json) -> list[Provenance]:
        """One line per tag."""
        return [line for template in self.templates for line in template.explain(scope)]


def check_size(value: Json, at: str) -> None:
    """Hold a rendered object or list to the limits; a loop that nests one in itself grows fast.

    Raises:
        TooLarge: past ``MAX_VALUES`` values, ``MAX_LEVELS`` levels or ``MAX_TEXT`` characters.
    """
    values = size = 0
    level = [value]
    for _ in range(MAX_LEVELS):
        inner: list[Json] = []
        for one in level:
            values += 1
            if isinstance(one, str):
                size += len(one)
            elif isinstance(one, dict):
                inner += one.values()
                size += sum(map(len, one))
            elif isinstance(one, list | tuple):
                inner += one
            if values + len(inner) > MAX_VALUES or size > MAX_TEXT:
                raise TooLarge(
                    f"{at} holds more than {MAX_VALUES:,} values or {MAX_TEXT:,} characters"
                )
        if not inner:
            return
        level = inner
    raise TooLarge(f"{at} is nested deeper than {MAX_LEVELS} levels")
