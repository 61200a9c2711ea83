"""The description is the server's: nothing it answers is left out, nothing breaks it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sandbox.cli.demo import demo
from sandbox.model.base import Json
from sandbox.serve.openapi import document
from sandbox.serve.refusals import CATALOGUE
from sandbox.store.workspace import Workspace
from tests.serve.serving import MINTED
from tests.serve.unlimited import unlimited

CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,"
    "response_headers_conformance,response_schema_conformance,negative_data_rejection,"
    "missing_required_header,unsupported_method,allow_header_conformance,ignored_auth"
)
"""All that schemathesis has for one request, but positive_data_acceptance: a made-up id is 404."""


def test_every_reference_leads_somewhere() -> None:
    whole = document()
    found: list[str] = []

    def look(value: Json) -> None:
        if isinstance(value, dict):
            if "$ref" in value:
                found.append(value["$ref"])
            for one in value.values():
                look(one)
        elif isinstance(value, list):
            for one in value:
                look(one)

    look(whole)
    assert found
    for ref in found:
        at: Json = whole
        for part in ref.removeprefix("#/").split("/"):
            at = at[part]


def test_every_error_of_the_catalogue_is_described() -> None:
    responses = document()["paths"]["/api/marketing-journey/trigger"]["post"]["responses"]
    for kind in CATALOGUE.values():
        assert kind.code in responses[str(kind.status)]["description"]
    assert set(responses) == {"204", *(str(kind.status) for kind in CATALOGUE.values())}


def test_it_is_versioned_and_a_new_one_each_time() -> None:
    document()["info"]["version"] = "changed"
    assert document()["info"]["version"] == "1.0.0"


@pytest.mark.slow
def test_schemathesis_finds_no_crash_and_no_undocumented_reply(tmp_path: Path) -> None:
    program = shutil.which("schemathesis", path=str(Path(sys.executable).parent))
    if program is None:
        pytest.skip("schemathesis is not installed")
    folder = tmp_path / "workspace"
    Workspace.create(folder, *demo()).close()
    with unlimited(folder) as server:
        done = subprocess.run(
            [
                program, "run", f"{server.url}/openapi.json",
                "--header", f"Authorization: Bearer {MINTED.token}",
                "--header", f"Key: {MINTED.key}",
                "--checks", CHECKS, "--phases", "examples,coverage,fuzzing",
                "--max-examples", "40", "--seed", "7", "--no-color",
            ],
            cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        assert "Tested: 3" in done.stdout
        assert server.stop() == ["lost", "0"]
