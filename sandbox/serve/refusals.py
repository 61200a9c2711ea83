"""What the trigger API answers when it refuses: the vendor's reported errors in their two
envelopes.

The statuses and titles are reported (dev.sprinklr.com, REST API error and status codes), and so
are the envelopes; of the codes only RATE_LIMIT_EXCEEDED is. Which error comes in which envelope is
assumed: what a gateway would notice in ``{"data", "errors"}``, the rest in ``{"success",
"errors"}``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from sandbox.model.base import Json

__all__ = ["CATALOGUE", "Kind", "Refusal"]


class Kind(NamedTuple):
    """One error of the catalogue."""

    status: int
    code: str
    title: str
    gateway: bool
    """Which envelope."""
    origin: str
    """``reported`` or ``assumed``: the status and its title."""


_KINDS = (
    Kind(400, "BAD_REQUEST", "Bad Request", False, "reported"),
    Kind(400, "INVALID_HTTP_REQUEST", "Bad Request", True, "assumed"),
    Kind(401, "UNAUTHORIZED", "Unauthorized", True, "reported"),
    Kind(401, "INVALID_CONSUMER_KEY", "Unauthorized (invalid consumer key)", True, "reported"),
    Kind(403, "DEVELOPER_INACTIVE", "Developer Inactive", True, "reported"),
    Kind(404, "RESOURCE_NOT_FOUND", "Resource Not Found", False, "reported"),
    Kind(404, "PATH_NOT_FOUND", "Resource Not Found", True, "reported"),
    Kind(405, "METHOD_NOT_ALLOWED", "Method Not Allowed", True, "reported"),
    Kind(408, "REQUEST_TIMEOUT", "Request Timeout", True, "assumed"),
    Kind(409, "CONFLICT", "Conflict", False, "reported"),
    Kind(411, "LENGTH_REQUIRED", "Length Required", True, "reported"),
    Kind(413, "PAYLOAD_TOO_LARGE", "Payload Too Large", True, "assumed"),
    Kind(415, "UNSUPPORTED_MEDIA_TYPE", "Unsupported Media Type", True, "reported"),
    Kind(421, "MISDIRECTED_REQUEST", "Misdirected Request", True, "reported"),
    Kind(429, "RATE_LIMIT_EXCEEDED", "Too Many Requests", False, "reported"),
    Kind(500, "INTERNAL_SERVER_ERROR", "Internal Server Error", False, "reported"),
    Kind(503, "SERVICE_UNAVAILABLE", "Service Unavailable", False, "reported"),
)

CATALOGUE: Mapping[str, Kind] = {kind.code: kind for kind in _KINDS}
"""Every error that is answered, by its code."""


class Refusal(Exception):
    """A request that is answered with an error of the catalogue."""

    def __init__(
        self,
        code: str,
        message: str,
        details: Json = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """``message`` is for the person who wrote the request: what is wrong and what to do."""
        super().__init__(message)
        self.kind = CATALOGUE[code]
        self.message = message
        self.details = details
        self.headers = dict(headers or {})

    def envelope(self, request_id: str) -> dict[str, Json]:
        """The reply's body; ``request_id`` stands in the gateway's only."""
        error: dict[str, Json] = {"code": self.kind.code, "message": self.message}
        if self.kind.gateway:
            return {"data": [], "errors": [{"id": request_id, **error}]}
        details = {} if self.details is None else self.details
        return {"success": False, "errors": [{**error, "details": details}]}
