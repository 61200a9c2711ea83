"""What is tracked: nothing of one machine, nothing that is not valid."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

from sandbox.cli.demo import demo
from sandbox.engine.check import check_journey
from sandbox.engine.compile import compile_journey
from sandbox.formats.documents import read
from sandbox.mocks.engine import MockEngine
from sandbox.mocks.presets import presets
from sandbox.model.profile import Profile

ROOT = Path(__file__).parent.parent
FIXTURES = ROOT / "fixtures"

# In pieces, so that this file does not hold what it looks for.
MACHINE = re.compile(
    "|".join(
        (
            "/" + r"work(?![\w-])",
            "/tmp" + "/[a-z]",
            "/" + r"root/\S",
            "/home" + r"/(?!user\b|you\b)\w",
            r"\.py" + "env",
            "shared" + "/(research|design|examples)",
            r"\.\./" + "(research|shared)",
        )
    )
)
HOSTS = re.compile(
    "|".join(
        "\\.".join(parts)
        for parts in (
            ("pypi", "org"),
            ("pythonhosted", "org"),
            ("npmjs", "(org|com)"),
            ("deb", "debian", "org"),
        )
    )
)


def tracked() -> list[Path]:
    """Git's list, or everything that git would not ignore where there is no repository."""
    listed = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files", "-z"], capture_output=True, check=False
    )
    if listed.returncode == 0 and listed.stdout:
        names = listed.stdout.decode().split("\0")
        return [ROOT / name for name in names if name and (ROOT / name).is_file()]
    private = re.compile(r"^\.(?!ci$|git(attributes|ignore)$|pre-commit)|__pycache__|egg-info")
    found = (path for path in ROOT.rglob("*") if path.is_file())
    return [
        path
        for path in found
        if not any(private.search(part) for part in path.relative_to(ROOT).parts)
    ]


def texts() -> list[tuple[Path, str]]:
    found = []
    for path in tracked():
        try:
            found.append((path.relative_to(ROOT), path.read_text(encoding="utf-8")))
        except UnicodeDecodeError:
            continue
    return found


@pytest.mark.parametrize("pattern", [MACHINE, HOSTS], ids=["paths", "hosts"])
def test_no_tracked_file_names_a_machine_or_a_package_host(pattern: re.Pattern[str]) -> None:
    found = [
        f"{path}:{number}: {line.strip()[:100]}"
        for path, text in texts()
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]
    assert found == []


def test_text_files_end_in_one_newline_and_have_no_carriage_returns() -> None:
    for path, text in texts():
        if path.suffix in {".py", ".md", ".toml", ".yaml", ".json"} and text:
            assert text.endswith("\n"), path
            assert not text.endswith("\n\n"), path
            assert b"\r" not in (ROOT / path).read_bytes(), path


def test_every_fixture_is_part_of_the_demo() -> None:
    shipped = demo()
    assert {one.stem for one in (FIXTURES / "journeys").iterdir()} == {
        one.id for one in shipped.journeys
    }
    assert {one.stem for one in (FIXTURES / "rules").iterdir()} == {
        one.id for one in shipped.rule_sets if one not in presets()
    }
    kinds = {one.name for one in FIXTURES.iterdir()}
    assert kinds == {"journeys", "profiles", "rules", "env.yaml"}
    assert shipped.settings.active_rules == "all-ok"


def test_every_shipped_journey_is_free_of_findings() -> None:
    shipped = demo()
    declared = frozenset(one.name for one in shipped.variables)
    for journey in shipped.journeys:
        assert check_journey(compile_journey(journey), declared) == [], journey.id


def test_every_shipped_rule_set_compiles() -> None:
    for rules in (*demo().rule_sets, *presets()):
        assert MockEngine(rules).rules


def test_shipped_profiles_are_as_many_as_promised_and_their_ids_differ() -> None:
    profiles = demo().profiles
    assert len(profiles) >= 12
    assert len({one.id for one in profiles}) == len(profiles)
    assert "7" in {one.id for one in profiles}


def test_every_shipped_document_reads_the_same_twice() -> None:
    for path in FIXTURES.rglob("*.*"):
        text = path.read_text(encoding="utf-8")
        once = read(text, path.name)
        assert read(json.dumps(once), "again.json") == once, path
    for one in json.loads((FIXTURES / "profiles" / "demo.json").read_text(encoding="utf-8")):
        profile = Profile.parse(one)
        assert Profile.parse(json.loads(profile.model_dump_json(by_alias=True))) == profile


def test_both_commands_of_the_readme_are_marked_for_the_gate() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for name, end in (("run-command", ".venv/bin/sandbox"), ("test-command", ".venv/bin/pytest")):
        block = re.search(rf"<!-- {name} -->\n```sh\n(.*?)\n```", text, re.DOTALL)
        assert block is not None, name
        assert block.group(1).startswith("python3 -m venv .venv && ")
        assert block.group(1).endswith(end)
