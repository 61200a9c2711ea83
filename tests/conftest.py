"""What every test shares: no deadlines, because two cores are busy with other things."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("sandbox", deadline=None, max_examples=40)
settings.load_profile("sandbox")
