"""The documents are true: settings, commands, refusals, the drawn tree, the floors, the proofs of the trust plan."""

import re
from collections.abc import Iterator

from app.cli import app as commands
from app.kit.errors import Refusal
from app.kit.settings import Settings
from tests.test_house import CODE, ROOT, files, layers, short

THREATS = {f"T{number:02d}" for number in range(1, 37)} | {f"R{number:02d}" for number in range(1, 21)}
# What has to be proven from the first day on; a later room adds its own.
DUE = {
    "T01", "T03", "T04", "T09", "T10", "T11", "T14", "T15", "T17", "T18", "T20", "T31", "T34", "T35",
    "R01", "R02", "R05", "R09", "R10", "R11", "R12", "R18", "R20",
}  # fmt: skip


def readme() -> str:
    return (ROOT / "README.md").read_text()


def architecture() -> str:
    return (ROOT / "ARCHITECTURE.md").read_text()


def test_every_setting_is_in_the_readme() -> None:
    names = {str(field.validation_alias or f"SHOUWANG_{name.upper()}") for name, field in Settings.model_fields.items()}
    for path in files("app"):
        names |= set(re.findall(r"SHOUWANG_[A-Z_]+[A-Z]", path.read_text()))
    assert {name for name in names if f"`{name}`" not in readme()} == set()


def spoken() -> Iterator[str]:
    """Every command as it is typed."""
    for command in commands.registered_commands:
        yield f"shouwang {command.name or command.callback.__name__}"  # type: ignore[union-attr]
    for group in commands.registered_groups:
        for command in group.typer_instance.registered_commands:  # type: ignore[union-attr]
            yield f"{group.name} {command.name or command.callback.__name__}"  # type: ignore[union-attr]


def test_every_command_is_in_the_readme() -> None:
    assert len(list(spoken())) >= 13
    assert [command for command in spoken() if command not in readme()] == []


def refusals(kind: type[Refusal] = Refusal) -> Iterator[type[Refusal]]:
    yield kind
    for child in kind.__subclasses__():
        yield from refusals(child)


def test_every_refusal_is_in_the_map() -> None:
    ours = [kind for kind in refusals() if kind.__module__.split(".")[0] in CODE]
    assert len(ours) > 15
    rows = re.findall(r"^\| ((?:`[a-z-]+`(?:, )?)+) \| (\d+) \|", architecture(), re.MULTILINE)
    listed = {(name, status) for names, status in rows for name in re.findall("[a-z-]+", names)}
    assert listed == {(kind.type, str(kind.status)) for kind in ours}


def drawn() -> dict[str, set[str]]:
    """The folders of the drawn tree, each with what is drawn right under it."""
    found: dict[str, set[str]] = {}
    top = ""
    for line in architecture().split("```")[1].splitlines():
        if match := re.match(r"^( {0,2})((?:[\w.]+/?\s)*[\w.]+/?)(?:\s{2,}|$)", line):
            for name in match[2].split():
                if match[1]:
                    found[top].add(name)
                elif name.endswith("/"):
                    top = name
                    found[top] = set()
    return found


def test_the_tree_in_the_map_is_the_tree_on_disk() -> None:
    unseen = {"__pycache__", "__init__.py", "__main__.py", "build", "dist"}
    there = {f"{path.name}/": path for path in ROOT.iterdir() if path.is_dir() and path.name not in unseen}
    there = {name: path for name, path in there.items() if name[0] != "." and not name.endswith(".egg-info/")}
    assert set(drawn()) == set(there)
    for top, children in drawn().items():
        if children:
            on_disk = {
                f"{path.name}/" if path.is_dir() else path.name
                for path in there[top].iterdir()
                if (path.is_dir() or path.suffix == ".py") and path.name not in unseen
            }
            assert children == on_disk, top


def test_the_floors_in_the_map_are_the_floors_that_are_held() -> None:
    block = next(part for part in architecture().split("```") if "app.main" in part)
    assert [line.split("   ")[0].strip() for line in block.strip().splitlines()] == layers()


def test_every_proof_names_a_threat_or_fault_of_the_plan_and_none_that_is_due_is_missing() -> None:
    proven = {
        identifier for path in files("tests") for identifier in re.findall(r'proves\("(\w+)"\)', path.read_text())
    }
    assert proven - THREATS == set()
    assert DUE - proven == set()


def test_no_text_names_a_place_on_the_machine_it_was_written_on() -> None:
    # Written in halves, so that this file may be searched as well.
    homes = re.compile(
        "|".join((r"(?<![\w.>])/wo" r"rk/", r"\.\./sha" r"red", r"/ho" r"me/[a-z]", r"/Us" r"ers/[A-Za-z]"))
    )
    found = []
    for suffix in (".py", ".md", ".toml", ".html", ".js", ".css", ".po", ".yaml", ".mako", ".webmanifest"):
        for path in [*ROOT.glob(f"*{suffix}"), *files(*CODE, "tests", "frontend", "alembic", suffix=suffix)]:
            found += [f"{short(path)}: {hit}" for hit in homes.findall(path.read_text())]
    for path in (ROOT / "Makefile", ROOT / "Dockerfile", ROOT / ".ci" / "run"):
        found += [f"{short(path)}: {hit}" for hit in homes.findall(path.read_text())]
    assert found == []
