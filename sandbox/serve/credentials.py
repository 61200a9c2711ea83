"""The token and the key that an outside system shows: made here once, kept as hashes only."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import NamedTuple

__all__ = ["Hashes", "Minted", "Shown", "mint", "shown"]


class Minted(NamedTuple):
    """A token and a key that were just made; nobody can read them again."""

    token: str
    key: str

    @property
    def hashes(self) -> Hashes:
        """What is kept of them."""
        return Hashes(_digest(self.token), _digest(self.key))


class Hashes(NamedTuple):
    """SHA-256, in hexadecimal. Two random values of 256 bits need no slow hash."""

    token: str
    key: str


class Shown(NamedTuple):
    """What a request's credentials are worth."""

    token: bool
    key: bool
    bare: bool
    """The token came without ``Bearer``, as in the vendor's curl."""


def mint() -> Minted:
    """A new token and a new key."""
    return Minted(secrets.token_urlsafe(32), secrets.token_urlsafe(24))


def shown(hashes: Hashes, authorization: str, key: str) -> Shown:
    """Compare what a request shows, in constant time and both parts always."""
    scheme, space, rest = authorization.strip().partition(" ")
    bare = not space
    token = scheme if bare else rest.strip()
    right_token = hmac.compare_digest(_digest(token), hashes.token)
    right_key = hmac.compare_digest(_digest(key.strip()), hashes.key)
    return Shown(right_token and (bare or scheme.lower() == "bearer"), right_key, bare)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
