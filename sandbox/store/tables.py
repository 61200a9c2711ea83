"""The tables of the history, as SQL."""

from __future__ import annotations

__all__ = [
    "ADD_CALL",
    "ADD_CODE",
    "ADD_RUN",
    "ADD_TRACE",
    "APPLICATION",
    "CALLS",
    "CODES",
    "CREATE",
    "PRAGMAS",
    "SCHEMA",
]

APPLICATION = 0x4A53_4231
"""SQLite's application_id of a history: the letters JSB1."""

SCHEMA = 1
"""SQLite's user_version: the number of this layout."""

PRAGMAS = """
PRAGMA journal_mode = TRUNCATE;
PRAGMA synchronous = FULL;
PRAGMA foreign_keys = ON;
PRAGMA secure_delete = ON;
"""
# TRUNCATE, not WAL: SQLite before 3.51.3 may corrupt a WAL under two writers
# (sqlite.org/wal.html#walresetbug), and with one commit for a batch it is as fast.

CREATE = f"""
BEGIN IMMEDIATE;
CREATE TABLE run (
    number INTEGER PRIMARY KEY AUTOINCREMENT,  -- never given twice, also after clear
    id TEXT NOT NULL UNIQUE,
    journey TEXT NOT NULL,
    profile TEXT NOT NULL,
    dialect TEXT NOT NULL,
    seed TEXT NOT NULL,                        -- text: a seed may be past 64 bits
    via TEXT NOT NULL,
    status TEXT NOT NULL,
    started TEXT NOT NULL,                     -- on the run's own clock
    recorded TEXT NOT NULL,                    -- on the wall clock
    success INTEGER NOT NULL,
    failure INTEGER NOT NULL
);
CREATE INDEX run_journey ON run (journey);
CREATE INDEX run_person ON run (profile, journey, status);
CREATE TABLE trace (
    run INTEGER PRIMARY KEY REFERENCES run (number) ON DELETE CASCADE,
    document BLOB NOT NULL                     -- zlib of the JSON
);
CREATE TABLE call (                            -- one row for each call step of a run
    run INTEGER NOT NULL REFERENCES run (number) ON DELETE CASCADE,
    step TEXT NOT NULL,
    journey TEXT NOT NULL,
    success INTEGER NOT NULL,
    failure INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    retried INTEGER NOT NULL,
    PRIMARY KEY (run, step)
);
CREATE INDEX call_counts ON call (journey, step, success, failure, attempts, retried);
CREATE TABLE code (                            -- one row for each code that a call step got
    run INTEGER NOT NULL REFERENCES run (number) ON DELETE CASCADE,
    step TEXT NOT NULL,
    code TEXT NOT NULL,                        -- a status, or the kind of an error
    journey TEXT NOT NULL,
    sends INTEGER NOT NULL,
    PRIMARY KEY (run, step, code)
);
CREATE INDEX code_counts ON code (journey, step, code, sends);
PRAGMA application_id = {APPLICATION};
PRAGMA user_version = {SCHEMA};
COMMIT;
"""

ADD_RUN = "INSERT INTO run VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
ADD_TRACE = "INSERT INTO trace VALUES (?, ?)"
ADD_CALL = "INSERT INTO call VALUES (?, ?, ?, ?, ?, ?, ?)"
ADD_CODE = "INSERT INTO code VALUES (?, ?, ?, ?, ?)"

CALLS = """
SELECT journey, step, sum(success), sum(failure), sum(attempts), sum(retried)
FROM call {where} GROUP BY journey, step ORDER BY min(rowid)
"""
CODES = "SELECT journey, step, code, sum(sends) FROM code {where} GROUP BY journey, step, code"
