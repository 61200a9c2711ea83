"""Where a tag of Handlebars reads, known while it renders: for explanations and messages."""

from __future__ import annotations

from collections.abc import Callable

from sandbox.templates.handlebars.frames import Frame
from sandbox.templates.handlebars.library import HELPERS
from sandbox.templates.handlebars.nodes import Call, Expression, Literal, PathName
from sandbox.templates.paths import MISSING, Path, dotted, look_up

__all__ = ["Walker", "absolute", "beyond_null", "in_words", "walker_of"]

Walker = Callable[[Frame], "Path | None"]


def in_words(call: Call) -> str:
    """What a tag reads, for messages."""
    if not call.params:
        return call.name.source
    return " and ".join(one.source for one in call.params if not isinstance(one, Literal)) or (
        call.name.source
    )


def walker_of(node: Expression) -> Walker:
    """From a frame to the absolute path of an expression; None when it is computed."""
    if not isinstance(node, PathName):
        return lambda frame: None
    if node.data:
        rest = node.parts[1:]
        return (lambda frame: rest) if node.parts[:1] == ("root",) else (lambda frame: None)
    parts, depth = node.parts, node.depth

    def walk(frame: Frame) -> Path | None:
        if parts and parts[0] in frame.names:
            return None
        found = frame.outside(depth)
        return None if found is None or found.path is None else (*found.path, *parts)

    return walk


def beyond_null(path: Path | None, frame: Frame) -> bool:
    """Whether a value that is null lies beyond one: to Handlebars it is null and no mistake."""
    return path is not None and look_up(frame.state.root, path) is MISSING


def absolute(call: Call, frame: Frame) -> str:
    """The absolute path a tag reads (its first path, for a helper), for an explanation."""
    paths = (
        [call.name]
        if not call.params
        else [one for one in call.params if isinstance(one, PathName)]
    )
    if call.params and not paths:
        return "(computed)"
    path = walker_of(paths[0])(frame)
    if call.name.simple in HELPERS and not call.params:
        return "(computed)"
    return paths[0].source if path is None else dotted(path) or "(everything)"
