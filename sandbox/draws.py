"""Keyed draws: the only randomness in the house.

A draw depends on its key and on nothing else, so the same seed gives the same outcome whatever
the order of work, the concurrency or
the number of processes, and editing one rule leaves the draws of every other rule as they were.
"""

from __future__ import annotations

from hashlib import blake2b

__all__ = ["draw", "run_id"]

_SCALE = 2.0**-53


def draw(seed: int, *key: object) -> float:
    """A number in [0, 1) that depends on ``seed`` and ``key`` only.

    The key is (rule, journey, profile, step, visit, attempt), or what of it applies.
    """
    text = "\x1f".join(map(str, (seed, *key)))
    digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return (int.from_bytes(digest, "big") >> 11) * _SCALE


def run_id(seed: int, *key: object) -> str:
    """A short stable id for a run: twelve hexadecimal digits of the keyed digest."""
    text = "\x1f".join(map(str, ("run", seed, *key)))
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()
