"""Four themes, and the look of every role that a chart or a body is drawn in.

Success and failure are a blue and an orange that stay apart for colour-blind eyes (contrast at
least 7:1 on the dark surface, 4:1 on the light one), and neither is ever told by colour alone: a
mark and a word stand beside it. The theme ``ansi`` uses the terminal's own sixteen colours; under
NO_COLOR it is the one that is chosen, and roles then differ by bold, reverse and underline.
"""

from __future__ import annotations

from collections.abc import Mapping

from rich.style import Style
from textual.theme import BUILTIN_THEMES, Theme

__all__ = ["ANSI", "DEFAULT", "PLAIN_ROLES", "ROLES", "THEMES", "Roles"]

Roles = Mapping[str, Style]
"""Role (of a chart's span, of a piece of JSON, of a chip in the header) → look."""

DEFAULT = "sandbox-dark"
ANSI = "ansi"

THEMES = (
    Theme(
        name=DEFAULT,
        primary="#b39df3",
        secondary="#ff7a90",
        accent="#b39df3",
        success="#56b4e9",
        error="#e69f00",
        warning="#f0dc6a",
        foreground="#d9dee5",
        background="#14171c",
        surface="#1a1e24",
        panel="#2a303a",
        variables={"rim": "#3d4552"},
    ),
    Theme(
        name="sandbox-light",
        dark=False,
        primary="#5b3fa8",
        secondary="#b3003c",
        accent="#5b3fa8",
        success="#0072b2",
        error="#a84600",
        warning="#725900",
        foreground="#22262b",
        background="#f2f2ef",
        surface="#fbfbf9",
        panel="#dcdcd6",
        variables={"rim": "#b9b9b0"},
    ),
    Theme(
        name="high-contrast",
        primary="#ffff00",
        secondary="#ff8fa3",
        accent="#ffff00",
        success="#6fd0ff",
        error="#ffb000",
        warning="#ffff00",
        foreground="#ffffff",
        background="#000000",
        surface="#000000",
        panel="#333333",
        variables={"rim": "#8a8a8a"},
    ),
    Theme(
        name=ANSI,
        ansi=True,
        primary="ansi_magenta",
        secondary="ansi_red",
        accent="ansi_magenta",
        success="ansi_blue",
        error="ansi_yellow",
        warning="ansi_yellow",
        foreground="ansi_default",
        background="ansi_default",
        surface="ansi_default",
        panel="ansi_default",
        boost="ansi_default",
        variables={
            **BUILTIN_THEMES["ansi-dark"].variables,
            "rim": "ansi_default",
            "border": "ansi_magenta",
            "border-blurred": "ansi_default",
        },
    ),
)


def _roles(
    text: str,
    dim: str,
    success: str,
    failure: str,
    warning: str,
    accent: str,
    live: str,
    paper: str,
    cursor: str,
    idle_cursor: str,
    string: str,
    number: str,
    mark: str,
) -> Roles:
    return {
        "": Style(),
        "success": Style(color=success),
        "failure": Style(color=failure),
        "dim": Style(color=dim),
        "strong": Style(color=text, bold=True),
        "kind": Style(color=accent),
        "step": Style(color=text, bold=True),
        "edge": Style(color=dim),
        "passed": Style(color=success, bold=True),
        "current": Style(color=accent, bold=True, underline=True),
        "warning": Style(color=warning),
        "key": Style(color=accent),
        "string": Style(color=string),
        "number": Style(color=number),
        "literal": Style(color=number, italic=True),
        "name": Style(color=accent),
        "added": Style(color=success),
        "removed": Style(color=failure),
        "missing": Style(color=paper, bgcolor=warning, bold=True),
        "match": Style(color=paper, bgcolor=mark),
        "found": Style(color=paper, bgcolor=accent, bold=True),
        "cursor": Style(bgcolor=cursor, bold=True),
        "idle_cursor": Style(bgcolor=idle_cursor),
        "brand": Style(color=paper, bgcolor=accent, bold=True),
        "mock": Style(color=paper, bgcolor=success, bold=True),
        "live": Style(color=paper, bgcolor=live, bold=True),
        "chip": Style(color=text, bgcolor=idle_cursor),
        "forced": Style(color=paper, bgcolor=failure, bold=True),
        "tab": Style(color=dim),
        "tab_on": Style(color=accent, bold=True, underline=True),
        "hot": Style(color=accent, bold=True),
    }


ROLES: Mapping[str, Roles] = {
    DEFAULT: _roles(
        "#eef2f6", "#8a94a3", "#56b4e9", "#e69f00", "#f0dc6a", "#b39df3", "#ff7a90",
        "#14171c", "#3b3560", "#272c35", "#a8d5a2", "#e8b68a", "#f0dc6a",
    ),
    "sandbox-light": _roles(
        "#111418", "#646a73", "#0072b2", "#a84600", "#725900", "#5b3fa8", "#b3003c",
        "#ffffff", "#d9cff5", "#e7e6e1", "#2c6b2f", "#8a4b08", "#ffe680",
    ),
    "high-contrast": _roles(
        "#ffffff", "#c8c8c8", "#6fd0ff", "#ffb000", "#ffff00", "#ffff00", "#ff8fa3",
        "#000000", "#5a4a00", "#333333", "#b6ffb6", "#ffd0a0", "#ffffff",
    ),
    ANSI: {
        **_roles(
            "default", "bright_black", "blue", "yellow", "yellow", "magenta", "red",
            "black", "default", "default", "green", "cyan", "white",
        ),
        "cursor": Style(reverse=True, bold=True),
        "idle_cursor": Style(underline=True),
        "chip": Style(bold=True),
    },
}  # fmt: skip
"""Theme → roles."""

_BOLD = ("strong", "step", "success", "failure", "warning", "key", "name", "kind", "hot", "chip")
_REVERSE = ("current", "missing", "match", "found", "brand", "live", "forced", "cursor")

PLAIN_ROLES: Roles = {
    **dict.fromkeys(ROLES[DEFAULT], Style()),
    **dict.fromkeys(_BOLD, Style(bold=True)),
    **dict.fromkeys(_REVERSE, Style(reverse=True, bold=True)),
    "mock": Style(bold=True),
    "idle_cursor": Style(underline=True),
    "tab_on": Style(bold=True, underline=True),
    "passed": Style(bold=True),
    "dim": Style(dim=True),
    "edge": Style(dim=True),
}
"""Without any colour: for NO_COLOR."""
