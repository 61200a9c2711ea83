"""The two REST API actions → a call.

Parameters (vendor's field names; uri and method are required, and no others are taken): ``uri``,
``method``, ``data``, ``headers``, ``qs``, ``json``. The JSON action's data is an object, the
generic action's a string.
"""

from __future__ import annotations

import json

from sandbox.errors import nearest
from sandbox.formats.kustomer.reading import Reading
from sandbox.formats.kustomer.texts import read_text, read_value
from sandbox.model.base import Json, shorten

__all__ = ["GENERIC", "JSON", "call_fields"]

JSON = ("kustomer.rest-api.json",)
GENERIC = ("kustomer.rest-api.generic",)
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_PARAMS = ("uri", "method", "data", "headers", "qs", "json")


def call_fields(action: str, params: dict[str, Json], at: str, reading: Reading) -> dict[str, Json]:
    """The fields of a ``call_api`` step; what refuses the action goes to the problems."""
    for key in params.keys() - set(_PARAMS):
        close = nearest(key, _PARAMS)
        hint = f" (did you mean {close[0]}?)" if close else ""
        reading.unknown(
            f"{at}.{key}", f"field {key}", f"the action takes no such parameter; left out{hint}"
        )
    for needed in ("uri", "method"):
        if params.get(needed) in (None, ""):
            near = nearest(needed, params.keys() - set(_PARAMS))
            hint = f"; is it {near[0]!r} here? the vendor calls it {needed}" if near else ""
            reading.refuse(f"{at}.{needed}", f"is required{hint}")
    fields: dict[str, Json] = {
        "method": _method(params.get("method"), f"{at}.method", reading),
        "url": _uri(params.get("uri"), f"{at}.uri", reading),
    }
    if "qs" in params:
        _query(params["qs"], f"{at}.qs", fields, reading)
    if "headers" in params:
        fields["headers"] = _headers(params["headers"], f"{at}.headers", reading)
    if "data" in params and params["data"] is not None:
        _data(action, params["data"], f"{at}.data", fields, reading)
    fields["parse_json"] = _flag(params.get("json"), f"{at}.json", reading)
    return fields


def _method(value: Json, at: str, reading: Reading) -> str:
    if value in (None, ""):
        return "POST"
    if not isinstance(value, str):
        reading.refuse(at, "must be a text", value)
        return "POST"
    if value.startswith("/#") or "{{" in value:
        read_text(value, at, reading)
        reading.unknown(at, "method from a value", "POST is played")
        return "POST"
    word = value.strip().upper()
    if word not in _METHODS:
        close = nearest(word, _METHODS)
        hint = f"; did you mean {close[0]}?" if close else ""
        reading.refuse(at, f"must be one of {', '.join(_METHODS)}{hint}", value)
        return "POST"
    reading.understood(at, "field method", "" if word == value else f"{value} is {word}")
    return word


def _uri(value: Json, at: str, reading: Reading) -> str:
    if value in (None, ""):
        return "http://missing.invalid"
    if not isinstance(value, str):
        reading.refuse(at, "must be a text", value)
        return "http://missing.invalid"
    text = read_text(value, at, reading)
    if value.startswith("/#"):
        reading.understood(at, "field uri", "the whole address comes from a reference")
    else:
        reading.understood(at, "field uri")
    begins = value.removeprefix("/#").lstrip("{ ")
    if begins.startswith("variables."):
        name = begins.removeprefix("variables.").partition("}")[0].partition("/")[0].strip()
        reading.addresses.add(name.strip("[] "))
    return text


def _query(value: Json, at: str, fields: dict[str, Json], reading: Reading) -> None:
    if isinstance(value, str):
        text = read_text(value, at, reading)
        if text.startswith("/#") or fields["url"].startswith("/#"):
            reading.unknown(at, "field qs", "a query that is one reference: left out")
            return
        joint = "&" if "?" in fields["url"] else "?"
        fields["url"] += joint + text.lstrip("?&")
        reading.approximated(at, "field qs", "a text, put behind the address as it stands")
        return
    if not isinstance(value, dict):
        reading.refuse(at, "must be an object", value)
        return
    nested = [key for key, item in value.items() if isinstance(item, dict)]
    fields["query"] = read_value(value, at, reading, "qs")
    if nested:
        reading.approximated(
            at, "field qs", f"{', '.join(nested)}: an object is sent as its JSON text (assumed)"
        )
    else:
        reading.understood(at, "field qs")


def _headers(value: Json, at: str, reading: Reading) -> dict[str, Json]:
    if isinstance(value, str) and value.startswith("/#"):
        read_text(value, at, reading)
        reading.unknown(at, "field headers", "all headers from one reference: none is sent")
        return {}
    if not isinstance(value, dict):
        reading.refuse(at, "must be an object", value)
        return {}
    made: dict[str, Json] = {}
    for name, item in value.items():
        where = f"{at}.{name}"
        if isinstance(item, str):
            made[name] = read_text(item, where, reading, name)
        elif isinstance(item, bool | int | float):
            made[name] = json.dumps(item)
            reading.approximated(where, f"header {name}", f"{made[name]} is sent as text")
        else:
            reading.unknown(where, f"header {name}", f"{shorten(item)} is no text: left out")
    reading.understood(at, "field headers", f"{len(made)} header{'s' * (len(made) != 1)}")
    return made


def _data(action: str, value: Json, at: str, fields: dict[str, Json], reading: Reading) -> None:
    generic = action in GENERIC
    if generic and not isinstance(value, str):
        fields["body"] = json.dumps(read_value(value, at, reading), ensure_ascii=False)
        fields["body_kind"] = "text"
        reading.approximated(
            at, "field data", "the generic action takes a text; the JSON text of this is sent"
        )
        return
    body = read_value(value, at, reading)
    fields["body"] = body
    if generic:
        fields["body_kind"] = "text"
        reading.understood(at, "field data", "a text; Handlebars fills it in")
    elif isinstance(value, str) and value.startswith("/#"):
        reading.understood(at, "field data", "the whole body is what the reference holds")
    elif isinstance(value, str):
        reading.approximated(at, "field data", "the JSON action takes an object; sent as this text")
    elif isinstance(value, dict):
        reading.understood(at, "field data", f"an object of {len(value)}")
    else:
        reading.approximated(at, "field data", "the JSON action takes an object; sent as it is")


def _flag(value: Json, at: str, reading: Reading) -> bool:
    if value is None:
        reading.understood(at, "field json", "not set: the body stays text for later steps")
        return False
    if isinstance(value, bool):
        does = "tries to parse the body" if value else "the body stays text"
        reading.understood(at, "field json", does)
        return value
    if value in ("true", "false"):
        reading.approximated(at, "field json", f"the text {value!r} is cast to {value}")
        return bool(value == "true")
    reading.unknown(at, "field json", f"{shorten(value)} is neither true nor false: true is played")
    return True
