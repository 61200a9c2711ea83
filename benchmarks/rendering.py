"""A payload of 34 fields from typed references and from Handlebars, beside a hand-written dict.

Compiled once, rendered many times; nothing is written as JSON. The dict by hand is one literal
with 34 look-ups and nothing else. The figures are the best of many short rounds, which is what a
quiet machine would say; the ratios are medians over the rounds.
"""

from __future__ import annotations

from collections.abc import Callable

from benchmarks.measure import Row, interleaved, median_ratio
from sandbox.model.base import Json
from sandbox.templates.syntax import Syntax
from sandbox.templates.text import Render

__all__ = ["FIELDS", "HANDLEBARS_TARGET_US", "TYPED_TARGET_US", "measure"]

TYPED_TARGET_US = 2.0
"""Microseconds a payload of typed references may take on a quiet machine."""
HANDLEBARS_TARGET_US = 15.0
"""Microseconds a payload of Handlebars texts may take."""
FIELDS = tuple(f"field_{number}" for number in range(34))
_KUSTOMER = Syntax("kustomer")
_USER: dict[str, Json] = {
    name: f"value {number}" if number % 3 else number for number, name in enumerate(FIELDS)
}
_TEXTS = {name: str(value) for name, value in _USER.items()}
SCOPE: dict[str, Json] = {"user": _USER, "steps": {"1": _USER}}


def _by_hand(number: int) -> Json:
    user = SCOPE["user"]
    made: Json = None
    for _ in range(number):
        made = {
            "field_0": user["field_0"], "field_1": user["field_1"], "field_2": user["field_2"],
            "field_3": user["field_3"], "field_4": user["field_4"], "field_5": user["field_5"],
            "field_6": user["field_6"], "field_7": user["field_7"], "field_8": user["field_8"],
            "field_9": user["field_9"], "field_10": user["field_10"], "field_11": user["field_11"],
            "field_12": user["field_12"], "field_13": user["field_13"],
            "field_14": user["field_14"], "field_15": user["field_15"],
            "field_16": user["field_16"], "field_17": user["field_17"],
            "field_18": user["field_18"], "field_19": user["field_19"],
            "field_20": user["field_20"], "field_21": user["field_21"],
            "field_22": user["field_22"], "field_23": user["field_23"],
            "field_24": user["field_24"], "field_25": user["field_25"],
            "field_26": user["field_26"], "field_27": user["field_27"],
            "field_28": user["field_28"], "field_29": user["field_29"],
            "field_30": user["field_30"], "field_31": user["field_31"],
            "field_32": user["field_32"], "field_33": user["field_33"],
        }  # fmt: skip
    return made


def measure(rounds: int = 41, number: int = 1_000) -> list[Row]:
    """Rows for each way to write the payload, and the dict by hand as the yardstick.

    Raises:
        RuntimeError: when they do not make the same payload.
    """
    ways = {
        "typed references": ({name: f"/#user.{name}" for name in FIELDS}, _USER),
        "our Handlebars": ({name: f"{{{{user.{name}}}}}" for name in FIELDS}, _TEXTS),
        "our Handlebars, one text": (
            "\n".join(f"{name}: {{{{user.{name}}}}}" for name in FIELDS),
            "\n".join(f"{name}: {text}" for name, text in _TEXTS.items()),
        ),
    }

    def by_hand() -> None:
        _by_hand(number)

    work = {"hand": by_hand}
    for way, (written, wanted) in ways.items():
        render = _KUSTOMER.value(written, "body").render
        if render(SCOPE, []) != wanted or _by_hand(1) != _USER:
            raise RuntimeError("the templates and the dict by hand did not make the same payload")
        work[way] = _many(render, number)
    taken = interleaved(rounds, work)
    best = {name: min(times) / number * 1e6 for name, times in taken.items()}
    rows = []
    for way in ways:
        target = TYPED_TARGET_US if way == "typed references" else HANDLEBARS_TARGET_US
        rows.append(
            Row(
                f"34 fields, {way} ÷ dict by hand",
                f"{best[way]:.2f} µs",
                f"{best['hand']:.2f} µs",
                median_ratio(taken[way], taken["hand"]),
                f"<= {target:g} µs",
                best[way] <= target,
            )
        )
    return rows


def _many(render: Render, number: int) -> Callable[[], None]:
    def many() -> None:
        for _ in range(number):
            render(SCOPE, [])

    return many
