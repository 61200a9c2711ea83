"""A program: kills writers at random moments and looks at what is left.

    python killing.py FOLDER TRIALS SEED

Prints JSON: trials, writes that were acknowledged, and what was wrong (an empty list). One process
imports everything and forks its victims, so that a trial costs milliseconds.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import sys
import time
from contextlib import closing
from pathlib import Path

from sandbox.model.profile import Profile
from sandbox.model.workspace import Settings
from sandbox.store import Workspace
from tests.store.samples import a_trace


def write_until_killed(folder: Path, acknowledge: int, trial: int) -> None:
    """Writes of all kinds, each acknowledged by a line once it has returned."""
    with Workspace.open(folder) as found:
        for n in range(10_000):
            # Grows and shrinks: an overwritten file would keep an old tail.
            pair = [
                Profile(id=who, attributes={"trial": trial, "n": n, "fill": "x" * (n % 7 * 300)})
                for who in ("left", "right")
            ]
            found.repository.put_profiles(pair, replace=True)
            os.write(acknowledge, b"profiles %d\n" % n)
            found.repository.put_profiles([Profile(id=f"{trial}-{n}")])
            os.write(acknowledge, b"added %d\n" % n)
            found.repository.put_settings(Settings(active_rules="r" * (1 + n % 50)))
            os.write(acknowledge, b"settings %d\n" % n)
            (run_id,) = found.history.record([a_trace(), a_trace(run_id=f"{trial}-{n}")])[:1]
            os.write(acknowledge, b"run %s\n" % run_id.encode())


def look(folder: Path, acknowledged: list[tuple[str, str]], trial: int) -> list[str]:
    """What is wrong with the workspace; the next process must see every acknowledged write."""
    wrong = []
    with Workspace.open(folder) as found:
        repository = found.repository
        wrong += [str(one) for one in repository.problems()]
        left, right = (repository.profile(who).attributes for who in ("left", "right"))
        if left != right:
            wrong.append(f"half a batch: {left} {right}")
        last = dict(acknowledged)
        if "profiles" in last and (
            left["trial"] != trial
            or left["n"] not in (int(last["profiles"]), int(last["profiles"]) + 1)
        ):
            wrong.append(f"acknowledged {last['profiles']}, found {left}")
        ids = set(repository.profile_ids())
        lost = [
            value
            for kind, value in acknowledged
            if kind == "added" and f"{trial}-{value}" not in ids
        ]
        if lost:
            wrong.append(f"lost profiles {lost}")
        if "settings" in last:
            n = int(last["settings"])
            if len(repository.settings().active_rules) not in (1 + n % 50, 1 + (n + 1) % 50):
                wrong.append("lost settings")
        runs = {run.id for run in found.history.runs(most=1_000_000)}
        wrong += [
            f"lost run {value}"
            for kind, value in acknowledged
            if kind == "run" and value not in runs
        ]
        mine = [run for run in runs if run.startswith(f"{trial}-")]
        pairs = found.history.counts().get("newsletter", {}).get("call", {"success": 0})["success"]
        if pairs % 2 or len(runs) != pairs:
            wrong.append(f"half a batch of runs: {len(mine)} of {len(runs)}, counts {pairs}")
        # The lock is free, and what the dead left is swept by the next write.
        repository.put_profiles([Profile(id="left"), Profile(id="right")], replace=True)
        repository.put_settings(Settings())
    wrong += [f"left behind: {name}" for name in os.listdir(folder) if name.endswith(".tmp")]
    return wrong


def main() -> None:
    """Run the trials."""
    folder, trials, seed = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    draw = random.Random(seed)
    pair = {"trial": -1, "n": 0}
    people = [Profile(id=who, attributes=dict(pair)) for who in ("left", "right")]
    Workspace.create(folder, profiles=people).close()
    count, wrong = 0, []
    for trial in range(trials):
        with Workspace.open(folder) as found:
            found.repository.reset_profiles(people)
        receive, send = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(receive)
            try:
                write_until_killed(folder, send, trial)
            finally:
                os._exit(1)
        os.close(send)
        # Every other one is let come to its first write, however busy the machine is.
        begun = os.read(receive, 65_536) if trial % 2 else b""
        time.sleep(draw.uniform(0.001, 0.05))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        with open(receive, "rb") as source:
            lines = [line.split() for line in (begun + source.read()).decode("ascii").splitlines()]
        acknowledged = [(kind, value) for kind, value in lines]
        count += len(acknowledged)
        wrong += [f"trial {trial}: {one}" for one in look(folder, acknowledged, trial)]
    with closing(sqlite3.connect(folder / "history.db")) as db:
        (whole,) = db.execute("PRAGMA integrity_check").fetchone()
    if whole != "ok":
        wrong.append(f"history: {whole}")
    sys.stdout.write(json.dumps({"trials": trials, "acknowledged": count, "wrong": wrong}))


if __name__ == "__main__":
    main()
