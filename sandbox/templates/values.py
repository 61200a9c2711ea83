"""Open JSON whose strings are templates, compiled to closures."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from operator import itemgetter

from sandbox.errors import DocumentError, Problem, TemplateError
from sandbox.model.base import Json
from sandbox.templates.compiled import Template
from sandbox.templates.noticing import Found
from sandbox.templates.paths import MISSING, Path, getter
from sandbox.templates.references import Reference
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

    def _compiled(self, value: Json, at: str, problems: list[Problem]) -> Render:
        if isinstance(value, str):
            try:
                template = self._make(value, at)
            except TemplateError as wrong:
                problems.append(Problem(at, str(wrong)))
                return lambda scope, found: None
            if template.static and template.literal == value and not template.notices:
                return lambda scope, found: value
            self.templates.append(template)
            return template.render
        before = len(self.templates)
        if isinstance(value, dict):
            fields = {
                key: self._compiled(item, f"{at}.{key}" if at else key, problems)
                for key, item in value.items()
            }
            if len(self.templates) > before:
                references = {
                    template.at: template
                    for template in self.templates[before:]
                    if isinstance(template, Reference)
                }
                return _object(value, at, fields, references)
        elif isinstance(value, list):
            items = [
                self._compiled(item, f"{at}[{index}]", problems) for index, item in enumerate(value)
            ]
            if len(self.templates) > before:
                return lambda scope, found: [
                    None if (made := render(scope, found)) is MISSING else made for render in items
                ]
        return lambda scope, found: value

    def tags(self) -> Iterator[Tag]:
        """Every tag, in document order."""
        for template in self.templates:
            yield from template.tags()

    def explain(self, scope: Json) -> list[Provenance]:
        """One line per tag."""
        return [line for template in self.templates for line in template.explain(scope)]


def _object(
    source: dict[str, Json], at: str, fields: dict[str, Render], references: dict[str, Reference]
) -> Render:
    """An object whose fields are rendered; one that renders nothing is left out."""
    pairs = list(fields.items())
    if not references:
        return lambda scope, found: {key: render(scope, found) for key, render in pairs}

    def slow(scope: Json, found: Found) -> Json:
        made = {}
        for key, render in pairs:
            value = render(scope, found)
            if value is not MISSING:
                made[key] = value
        return made

    # Fields that are read from one object are taken from it all at once; if any of them is not
    # there, one after the other tells which.
    groups: dict[Path, list[tuple[str, str]]] = {}
    for key in fields:
        reference = references.get(f"{at}.{key}" if at else key)
        if reference is not None and len(reference.path) > 1 and isinstance(source[key], str):
            groups.setdefault(reference.path[:-1], []).append((key, reference.path[-1]))
    takers = []
    grouped: set[str] = set()
    for parent, members in groups.items():
        if len(members) > 1:
            keys = tuple(key for key, _ in members)
            takers.append((getter(parent), keys, itemgetter(*(name for _, name in members))))
            grouped.update(keys)
    if not takers:
        return slow
    base = dict.fromkeys(fields)
    others = [(key, render) for key, render in pairs if key not in grouped]
    if len(takers) == 1 and not others:
        ((parent_of, keys, take),) = takers

        def one_object(scope: Json, found: Found) -> Json:
            try:
                return dict(zip(keys, take(parent_of(scope))))  # noqa: B905 - they are as many by construction
            except (KeyError, TypeError, IndexError):
                return slow(scope, found)

        return one_object

    def fast(scope: Json, found: Found) -> Json:
        made: dict[str, Json] = base.copy()
        try:
            for parent_of, keys, take in takers:
                made.update(zip(keys, take(parent_of(scope))))  # noqa: B905
        except (KeyError, TypeError, IndexError):
            return slow(scope, found)
        for key, render in others:
            value = render(scope, found)
            if value is MISSING:
                del made[key]
            else:
                made[key] = value
        return made

    return fast


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
