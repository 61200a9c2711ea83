"""The built-in blocks: ``if``, ``unless``, ``each``, ``with``, and a bare ``{{#path}}``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from sandbox.model.base import Json
from sandbox.templates.handlebars.frames import Data, Frame, Line
from sandbox.templates.handlebars.javascript import is_empty, js_keys
from sandbox.templates.paths import MISSING, Path, dotted

__all__ = ["each", "either", "section", "with_"]

Evaluate = Callable[[Frame], Json]
Render = Callable[[Frame], str]
Walker = Callable[[Frame], "Path | None"]


def either(
    holds: Callable[[Frame], bool], shown: Render, otherwise: Render, source: str, walker: Walker
) -> Render:
    """One of two parts; the context stays."""

    def render(frame: Frame) -> str:
        yes = holds(frame)
        if frame.state.lines is not None:
            path = walker(frame)
            where = "(computed)" if path is None else dotted(path) or "(everything)"
            frame.state.lines.append(Line(source, where, yes, "" if yes else "(else)"))
        return (shown if yes else otherwise)(frame.same())

    return render


def each(
    value: Evaluate, shown: Render, otherwise: Render, own: Sequence[str], walker: Walker
) -> Render:
    """A part for every item of a list, or field of an object."""

    def render(frame: Frame) -> str:
        made = _turns(value(frame), frame, shown, own, walker)
        return otherwise(frame.same()) if made is None else made

    return render


def _turns(
    items: Json, frame: Frame, shown: Render, own: Sequence[str], walker: Walker
) -> str | None:
    """Every turn; None when there is none."""
    if isinstance(items, Mapping):
        pairs: list[tuple[Json, Json]] = [(key, items[key]) for key in js_keys(items)]
    elif isinstance(items, list | tuple):
        pairs = list(enumerate(items))
    else:
        return None
    if not pairs:
        return None
    path = walker(frame) if frame.state.lines is not None else None
    last = len(pairs) - 1
    made = []
    for index, (key, item) in enumerate(pairs):
        frame.state.turn()
        data = Data(index, key, index == 0, index == last, frame.data)
        names = {**frame.names, **dict(zip(own, (item, key), strict=False))} if own else frame.names
        here = None if path is None else (*path, str(key))
        made.append(shown(frame.inner(item, data, names, here)))
    return "".join(made)


def with_(
    value: Evaluate, shown: Render, otherwise: Render, own: Sequence[str], walker: Walker
) -> Render:
    """A part with another context, when it is there."""

    def render(frame: Frame) -> str:
        found = value(frame)
        if is_empty(found):
            return otherwise(frame.same())
        names = {**frame.names, own[0]: found} if own else frame.names
        return shown(frame.inner(found, frame.data, names, walker(frame)))

    return render


def section(value: Evaluate, shown: Render, otherwise: Render, walker: Walker) -> Render:
    """``{{#path}}``: like ``each`` for a list, like ``if`` for true and false, else like
    ``with`` (but 0 and "" count).
    """

    def render(frame: Frame) -> str:
        found = value(frame)
        if found is True:
            return shown(frame)
        if found is False or found is None or found is MISSING:
            return otherwise(frame)
        if isinstance(found, list | tuple):
            made = _turns(found, frame, shown, (), walker)
            return otherwise(frame) if made is None else made
        return shown(frame.inner(found, frame.data, frame.names, walker(frame)))

    return render
