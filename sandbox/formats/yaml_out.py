"""Data → YAML text."""

from __future__ import annotations

import math
import re
from typing import Any

import yaml

from sandbox.model.base import Json

__all__ = ["dump"]

# What a reader of YAML 1.1 or 1.2 takes for a number, a date, a truth value or nothing.
_TAKEN = re.compile(
    r"(?ix) null | ~ | true | false | yes | no | on | off | y | n | <<? | =? "
    r"| [-+.]? [0-9] .* | [-+]? \.(inf|nan) .* | [-+] "
)


class _Dumper(yaml.SafeDumper):
    """Block style, lists indented, no references."""

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    tag = "tag:yaml.org,2002:str"
    if "\n" in value and _fits_block(value):
        return dumper.represent_scalar(tag, value, style="|")
    if _TAKEN.fullmatch(value) or not value.isprintable():
        return dumper.represent_scalar(tag, value, style='"')
    return dumper.represent_scalar(tag, value)


def _fits_block(value: str) -> bool:
    """A block text keeps every character only without odd ones and without spaces at line ends."""
    return (
        all(char == "\n" or char.isprintable() for char in value)
        and value.strip("\n") != ""
        and not value.startswith((" ", "\n"))
        and not re.search(r"[ \t](\n|\Z)", value)
    )


def _float(dumper: yaml.SafeDumper, value: float) -> yaml.ScalarNode:
    if not math.isfinite(value):
        raise ValueError(f"{value} is not a value of JSON")
    text = repr(value)
    if "." not in text and "e" in text:
        text = text.replace("e", ".0e")
    return dumper.represent_scalar("tag:yaml.org,2002:float", text)


_Dumper.add_representer(str, _text)
_Dumper.add_representer(float, _float)


def dump(value: Json) -> str:
    """Keys in the order given; letters of every script as they are."""
    text: str = yaml.dump(
        value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100,
        default_flow_style=False,
    )  # fmt: skip
    return text.removesuffix("...\n")
