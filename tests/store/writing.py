"""A program: writes into a workspace for so many rounds or seconds, one of several that do.

    python writing.py FOLDER NAME ROUNDS SECONDS

Prints JSON: the ids that it was told are stored.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from sandbox.model.profile import Profile
from sandbox.model.workspace import Settings, Variable
from sandbox.store import Workspace
from tests.store.samples import a_journey, a_trace


def main() -> None:
    """Write, read what others wrote, and tell."""
    folder, name = Path(sys.argv[1]), sys.argv[2]
    rounds, until = int(sys.argv[3]), time.monotonic() + float(sys.argv[4])
    stored: dict[str, list[str]] = {"profiles": [], "journeys": [], "runs": [], "tags": []}
    n = 0
    with Workspace.open(folder) as found:
        repository = found.repository
        while n < rounds and time.monotonic() < until:
            own_id = f"{name}-{n}"
            repository.put_profiles([Profile(id=own_id)])
            stored["profiles"].append(own_id)
            base = repository.profile("shared")
            repository.save_profile(base.model_copy(update={"tags": (*base.tags, own_id)}), base)
            stored["tags"].append(own_id)
            if n % 4 == 0:
                repository.put_journeys([a_journey(own_id)])
                stored["journeys"].append(own_id)
                repository.put_variables([Variable(name=f"V_{name}", value=str(n))], replace=True)

                def allow(now: Settings, host: str = own_id) -> Settings:
                    return now.model_copy(update={"allowed_hosts": (*now.allowed_hosts, host)})

                repository.change_settings(allow)
                repository.delete_profiles([own_id])
                stored["profiles"].pop()
            stored["runs"] += found.history.record([a_trace(name, own_id), a_trace(name, own_id)])
            found.history.counts(name)
            n += 1
    sys.stdout.write(json.dumps(stored))


if __name__ == "__main__":
    main()
