"""What of a body a schema does not accept, in words; never a value that may be secret."""

from __future__ import annotations

from sandbox.masking import is_secret_key
from sandbox.mocks.schemas import Unfit
from sandbox.model.base import Json, shorten
from sandbox.model.exchange import Difference

__all__ = ["unfit_difference"]

_MOST = 40
_KINDS: dict[type, str] = {
    dict: "an object",
    list: "a list",
    str: "a text",
    bool: "true or false",
    int: "a number",
    float: "a number",
    type(None): "null",
}


def unfit_difference(unfit: Unfit) -> Difference:
    """The first thing that differs, by its path in the body."""
    place = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in unfit.path)
    path, wanted, value = f"${place}", unfit.wanted, unfit.found
    kind = _KINDS.get(type(value), "a number")
    if unfit.keyword == "required" and isinstance(wanted, list) and isinstance(value, dict):
        missing = f"{path}.{next((name for name in wanted if name not in value), '')}"
        return _difference(missing, "", f"{missing} is missing")
    if unfit.keyword == "type":
        named = " or ".join(wanted) if isinstance(wanted, list) else str(wanted)
        return _difference(named, kind, f"{path} is {kind}, not {named}")
    if wanted is False:
        return _difference(unfit.keyword, "", f"{path} has what {unfit.keyword} false excludes")
    hidden = any(is_secret_key(part) for part in unfit.path if isinstance(part, str))
    plain = not any(isinstance(one, dict | list) for one in _parts(wanted))
    asked = unfit.keyword + (f" {shorten(wanted, _MOST)}" if plain and not hidden else "")
    found = kind if hidden else _shown(value, kind)
    return _difference(asked, found, f"{path} is {found}, which {asked} does not allow")


def _difference(wanted: str, found: str, why: str) -> Difference:
    message = f"the body is not valid by the rule's schema: {why}"
    return Difference("body.schema", wanted, found, message)


def _parts(value: Json) -> list[Json]:
    return value if isinstance(value, list) else [{}] if isinstance(value, dict) else []


def _shown(value: Json, kind: str) -> str:
    """A plain value in full, else its kind: what is cut can no longer be masked."""
    if isinstance(value, dict | list):
        return kind
    text = shorten(value, 1_000)
    return text if len(text) <= _MOST else kind
