"""The two tables of characters that charts are drawn with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sandbox.charts.cells import clean, fit, pad, width

__all__ = ["ASCII", "UNICODE", "Glyphs", "clean", "fit", "pad", "width"]


@dataclass(frozen=True, slots=True)
class Glyphs:
    """One table of characters; each is one cell wide."""

    success: str
    failure: str
    end: str
    dropped: str
    loop: str
    jump: str
    down: str
    current: str
    passed: str
    more: str
    """Stands for what was cut off."""
    solid: str
    """A cell of success in a bar."""
    shaded: str
    """A cell of failure in a bar."""
    rule: str
    levels: str
    """Eight heights of a sparkline, lowest first."""
    vertical: str
    across: str
    cross: str
    """A way across that passes over a lane without touching it."""
    fork: str
    """A lane that something leaves from, or comes into, on its right."""
    fork_left: str
    """The same, on its left."""
    opens: str
    """A lane begins, coming from the left."""
    opens_left: str
    """A lane begins, coming from the right."""
    joins: str
    """A lane ends, going to the left."""
    both: str
    """A lane ends here, and another one passes by on its way to the left."""
    last: str
    """A lane ends, going to the right."""
    to_right: str
    to_left: str
    kinds: Mapping[str, str]

    def kind(self, name: str) -> str:
        """The mark of a step's kind."""
        return self.kinds.get(name, self.kinds[""])


UNICODE = Glyphs(
    success="✓",
    failure="✗",
    end="■",
    dropped="⊘",
    loop="↺",
    jump="→",
    down="↓",
    current="▶",
    passed="•",
    more="…",
    solid="█",
    shaded="▒",
    rule="─",
    levels="▁▂▃▄▅▆▇█",
    vertical="│",
    across="─",
    cross="┼",
    fork="├",
    fork_left="┤",
    opens="╮",
    opens_left="╭",
    joins="╯",
    both="┴",
    last="╰",
    to_right="→",
    to_left="←",
    kinds={
        "trigger": "◆",
        "call_api": "▣",
        "update_attribute": "●",
        "add_tag": "●",
        "remove_tag": "○",
        "wait": "◷",
        "condition": "◇",
        "split": "◈",
        "notify": "◎",
        "message": "✉",
        "end": "■",
        "": "●",
    },
)

ASCII = Glyphs(
    success="+",
    failure="x",
    end="#",
    dropped="!",
    loop="^",
    jump=">",
    down="v",
    current=">",
    passed="*",
    more="~",
    solid="#",
    shaded="x",
    rule="-",
    levels="_.,-=*%#",
    vertical="|",
    across="-",
    cross="+",
    fork="|",
    fork_left="|",
    opens="\\",
    opens_left="/",
    joins="/",
    both="'",
    last="`",
    to_right=">",
    to_left="<",
    kinds={
        "trigger": "*",
        "call_api": "@",
        "update_attribute": "o",
        "add_tag": "o",
        "remove_tag": "o",
        "wait": "z",
        "condition": "?",
        "split": "%",
        "notify": "!",
        "message": "m",
        "end": "#",
        "": "o",
    },
)
