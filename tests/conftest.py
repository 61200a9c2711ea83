"""What every test shares: no deadlines, because two cores are busy with other things.

Generated examples are the same at every run, so that a change is judged by what it changes: few in
the quick suite, more with ``--hypothesis-profile=thorough`` (the gate).
``--hypothesis-profile=explore`` looks for new ones.
"""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("quick", deadline=None, max_examples=12, derandomize=True)
settings.register_profile("thorough", deadline=None, max_examples=80, derandomize=True)
settings.register_profile("explore", deadline=None, max_examples=200)
settings.load_profile("quick")
