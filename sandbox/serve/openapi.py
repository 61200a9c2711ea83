"""The trigger API as an OpenAPI 3.1 document, written by hand: it says what is documented, what is
reported and what is assumed.
"""

from __future__ import annotations

from sandbox.model.base import Json
from sandbox.serve.refusals import CATALOGUE
from sandbox.serve.trigger_requests import LATEST_MS

__all__ = ["API_VERSION", "JOURNEYS", "NEW_PROFILE", "TRIGGER", "document"]

API_VERSION = "1.0.0"
"""Of this description, not of the program."""

TRIGGER = "/api/marketing-journey/trigger"
NEW_PROFILE = "/api/marketing-journey/triggerWithNewProfile"
JOURNEYS = "/api/marketing-journey/journeys"
"""The vendor's page names a list journey API without its path: assumed."""

_TEXT: Json = {"type": "string", "minLength": 1, "pattern": r"\S"}
_JOURNEY: dict[str, Json] = {
    "journeyId": {**_TEXT, "description": "The journey's id."},
    "journeyID": {
        **_TEXT,
        "deprecated": True,
        "description": "The spelling of the vendor's table; accepted with a warning.",
    },
}
_CONTEXT: Json = {
    "type": "object",
    "additionalProperties": {"type": "string"},
    "description": "Map<String,String>: the event of the run.",
}


def document() -> dict[str, Json]:
    """The whole description; a new one each time."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Journey Sandbox: journeys triggered by API",
            "version": API_VERSION,
            "description": "The trigger endpoints of Sprinklr's page 'Use API to Trigger Journeys "
            "Based on External Events', on this machine. Each operation says what of it is "
            "documented, reported or assumed.",
        },
        "security": [{"token": [], "key": []}],
        "paths": {
            TRIGGER: {"post": _trigger()},
            NEW_PROFILE: {"post": _new_profile()},
            JOURNEYS: {"get": _journeys()},
            "/openapi.json": {"get": _self()},
        },
        "components": {
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer"},
                "key": {"type": "apiKey", "in": "header", "name": "Key"},
            },
            "schemas": _schemas(),
            "headers": _headers(),
        },
    }


def _trigger() -> dict[str, Json]:
    return {
        "operationId": "trigger",
        "summary": "Start a journey for a person who is known by an identity",
        "description": "Documented: path, fields, 204. Assumed: 404 for an unknown person.",
        "requestBody": _body("TriggerRequest"),
        "responses": {"204": _accepted(), **_errors(*_POSTED)},
    }


def _new_profile() -> dict[str, Json]:
    return {
        "operationId": "triggerWithNewProfile",
        "summary": "Make the person's profile, then start the journey",
        "description": "Documented: path, fields. Assumed: 204, and that an existing id is "
        "updated.",
        "requestBody": _body("TriggerWithNewProfileRequest"),
        "responses": {"204": _accepted(), **_errors(*_POSTED)},
    }


def _journeys() -> dict[str, Json]:
    return {
        "operationId": "listJourneys",
        "summary": "The journeys that are started by API",
        "description": "The page names a list journey API; path and reply are assumed.",
        "responses": {
            "200": {
                "description": "The list.",
                "headers": _named("RateLimit"),
                "content": _json({"$ref": "#/components/schemas/JourneyList"}),
            },
            **_errors(*_CALLED),
        },
    }


def _self() -> dict[str, Json]:
    return {
        "operationId": "openapi",
        "summary": "This document",
        "security": [],
        "responses": {
            "200": {"description": "OpenAPI 3.1.", "content": _json({"type": "object"})},
            **_errors(400, 405, 421, 500),
        },
    }


_CALLED = (400, 401, 403, 405, 421, 429, 500, 503)
_POSTED = (400, 401, 403, 404, 405, 408, 409, 411, 413, 415, 421, 429, 500, 503)


def _body(schema: str) -> dict[str, Json]:
    return {"required": True, "content": _json({"$ref": f"#/components/schemas/{schema}"})}


def _json(schema: Json) -> dict[str, Json]:
    return {"application/json": {"schema": schema}}


def _accepted() -> dict[str, Json]:
    return {
        "description": "Accepted, no content; the journey runs after this reply.",
        "headers": _named("RateLimit"),
    }


def _errors(*statuses: int) -> dict[str, Json]:
    return {str(status): _error(status) for status in statuses}


def _error(status: int) -> dict[str, Json]:
    kinds = [kind for kind in CATALOGUE.values() if kind.status == status]
    schemas = sorted({"GatewayError" if kind.gateway else "Error" for kind in kinds})
    refs = [{"$ref": f"#/components/schemas/{name}"} for name in schemas]
    codes = ", ".join(f"{kind.code} ({kind.origin})" for kind in kinds)
    found: dict[str, Json] = {
        "description": f"{kinds[0].title}: {codes}",
        "content": _json(refs[0] if len(refs) == 1 else {"oneOf": refs}),
    }
    if status == 429:
        found["headers"] = {**_named("RateLimit"), **_named("RetryAfter")}
    elif status == 503:
        found["headers"] = _named("RetryAfter")
    return found


def _named(group: str) -> dict[str, Json]:
    names = {
        "RateLimit": ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"),
        "RetryAfter": ("Retry-After",),
    }[group]
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _headers() -> dict[str, Json]:
    says = {
        "X-RateLimit-Limit": "Requests in the window (reported).",
        "X-RateLimit-Remaining": "Requests that are left in it (reported).",
        "X-RateLimit-Reset": "Seconds since 1970 when there is room for more (reported).",
        "Retry-After": "Seconds to wait (reported).",
    }
    return {
        name: {"description": text, "schema": {"type": "integer", "minimum": 0}}
        for name, text in says.items()
    }


def _schemas() -> dict[str, Json]:
    either = {"anyOf": [{"required": ["journeyId"]}, {"required": ["journeyID"]}]}
    return {
        "TriggerRequest": {
            "type": "object",
            "properties": {
                "snType": {**_TEXT, "description": "The type of the identity: EMAIL, SMS, …"},
                "snId": {**_TEXT, "description": "The identity itself."},
                "snID": {
                    **_TEXT,
                    "deprecated": True,
                    "description": "The spelling of the vendor's table; accepted with a warning.",
                },
                **_JOURNEY,
                "contextParams": _CONTEXT,
            },
            "required": ["snType"],
            "allOf": [{"anyOf": [{"required": ["snId"]}, {"required": ["snID"]}]}, either],
        },
        "TriggerWithNewProfileRequest": {
            "type": "object",
            "properties": {
                **_JOURNEY,
                "contextParams": _CONTEXT,
                "unifiedProfile": {"$ref": "#/components/schemas/UnifiedProfile"},
            },
            "required": ["unifiedProfile"],
            **either,
        },
        "UnifiedProfile": {
            "type": "object",
            "properties": {
                "id": {**_TEXT, "description": "An existing id is updated (assumed)."},
                "contact": {"type": "object", "description": "Attributes."},
                "profiles": {
                    "type": "array",
                    "items": {"$ref": "#/components/schemas/ChannelProfile"},
                },
                "createdTime": {
                    "type": ["integer", "null"],
                    "minimum": 0,
                    "maximum": LATEST_MS,
                    "description": "Milliseconds since 1970.",
                },
            },
            "required": ["id"],
        },
        "ChannelProfile": {
            "type": "object",
            "properties": {
                "channelType": _TEXT,
                "channelId": _TEXT,
                "name": {"type": "string"},
            },
            "required": ["channelType", "channelId"],
        },
        "JourneyList": _list_of(
            {
                "type": "object",
                "properties": {
                    "journeyId": {"type": "string"},
                    "name": {"type": "string"},
                    "contextParams": {"type": "array", "items": {"type": "string"}},
                },
                "required": ["journeyId", "name", "contextParams"],
            }
        ),
        "Error": {
            "type": "object",
            "properties": {
                "success": {"const": False},
                "errors": _some({"code": "string", "message": "string", "details": "object"}),
            },
            "required": ["success", "errors"],
            "additionalProperties": False,
        },
        "GatewayError": {
            "type": "object",
            "properties": {
                "data": {"type": "array", "maxItems": 0},
                "errors": _some({"id": "string", "code": "string", "message": "string"}),
            },
            "required": ["data", "errors"],
            "additionalProperties": False,
        },
    }


def _list_of(item: Json) -> dict[str, Json]:
    return {
        "type": "object",
        "properties": {
            "data": {"type": "array", "items": item},
            "errors": {"type": "array", "maxItems": 0},
        },
        "required": ["data", "errors"],
    }


def _some(fields: dict[str, str]) -> dict[str, Json]:
    item = {
        "type": "object",
        "properties": {name: {"type": kind} for name, kind in fields.items()},
        "required": list(fields),
        "additionalProperties": False,
    }
    return {"type": "array", "minItems": 1, "items": item}
