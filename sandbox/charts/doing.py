"""What a step that sends nothing did in a run, in words: the message, the value, how long."""

from __future__ import annotations

from sandbox.charts.spans_of_time import lasting, utc
from sandbox.clock import duration_s
from sandbox.model.base import shorten
from sandbox.model.trace import StepDocument

__all__ = ["done_words"]


def done_words(step: StepDocument) -> str:
    """What it did; a message in full, with its line ends."""
    given, made = step.get("input"), step.get("output")
    match step["kind"]:
        case "update_attribute":
            return f"{given} = {shorten(made)}"
        case "add_tag" | "remove_tag":
            return f"{given}" if made else f"{given} (nothing to change)"
        case "message" if isinstance(made, dict):
            return f"{given} to {made['to'] or '(nobody)'}: {made['text']}"
        case "wait":
            return _waited(str(given), str(made))
    return made if isinstance(made, str) else "" if made is None else shorten(made)


def _waited(given: str, until: str) -> str:
    try:
        return f"{lasting(duration_s(given))}, until {utc(until)}"
    except ValueError:
        return f"until {utc(until)}"
