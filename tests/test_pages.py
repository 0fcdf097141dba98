"""README and the other pages as texts: their length, their links, and the JSON that they show."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = [
    *sorted(ROOT.glob("*.md")),
    *(
        page
        for room in ("examples", "sql", "sqlsel")
        for page in sorted((ROOT / room).rglob("*.md"))
    ),
]
# Lightly prints its configurations as Python dicts, with comments and trailing commas; so are these.
AS_THE_SEED_PRINTS_THEM = ROOT / "examples" / "seed" / "lightly"
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def without_code(text: str) -> str:
    return re.sub(r"`[^`\n]*`", "", BLOCK.sub("", text))


def links(page: Path) -> Iterator[str]:
    """The targets on this machine that a page links to, pictures too."""
    for target in re.findall(r"\]\(([^)\s]+)\)", without_code(page.read_text(encoding="utf-8"))):
        if not re.match(r"[a-z]+:", target):
            yield target


def anchors(page: Path) -> set[str]:
    """What GitHub makes of the headings of a page."""
    headings = re.findall(
        r"^#+ (.*)$", BLOCK.sub("", page.read_text(encoding="utf-8")), re.MULTILINE
    )
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def broken(page: Path) -> list[str]:
    """Links of a page whose file, or whose heading in that file, does not exist."""
    missing = []
    for link in links(page):
        name, _, anchor = link.partition("#")
        target = page.parent / name if name else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            missing.append(link)
    return missing


def test_the_readme_has_at_most_a_thousand_words() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").split()) <= 1000


def test_every_path_that_contributing_names_exists() -> None:
    text = BLOCK.sub("", (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"))
    rooms = r"(?:sqlsel|tests|sql|examples|\.ci)/"
    named = re.findall(rf"`({rooms}[^`\s<>*]*)`|python -m pytest ({rooms}\S+)", text)
    paths = [one or other for one, other in named]
    assert [path for path in paths if not (ROOT / path.rstrip("`")).exists()] == []
    assert len(paths) > 15


def test_every_link_leads_somewhere() -> None:
    found = {page.relative_to(ROOT).as_posix(): broken(page) for page in PAGES}
    assert {page: missing for page, missing in found.items() if missing} == {}
    assert sum(len(list(links(page))) for page in PAGES) > 20


@pytest.mark.parametrize(
    ("link", "breaks"),
    [
        ("other.md", False),
        ("other.md#two-words-more", False),
        ("other.md#two", True),
        ("no.md", True),
    ],
)
def test_a_broken_link_is_seen(link: str, breaks: bool, tmp_path: Path) -> None:
    (tmp_path / "other.md").write_text("# One\n\n## Two words, `more`\n")
    page = tmp_path / "page.md"
    page.write_text(f"[here]({link}) `[code](nowhere.md)` [out](https://example.org/x)\n")
    assert broken(page) == ([link] if breaks else [])


def configurations() -> Iterator[tuple[str, str]]:
    """Each JSON of README and examples: where it stands, and its text."""
    for file in sorted((ROOT / "examples").rglob("*.json")):
        if not file.is_relative_to(AS_THE_SEED_PRINTS_THEM) and "out" not in file.parts:
            yield file.relative_to(ROOT).as_posix(), file.read_text(encoding="utf-8")
    for page in PAGES:
        for language, text in BLOCK.findall(page.read_text(encoding="utf-8")):
            if language.startswith("json"):
                yield page.relative_to(ROOT).as_posix(), text


@pytest.mark.parametrize(
    ("place", "text"), [pytest.param(*one, id=one[0]) for one in configurations()]
)
def test_json_is_what_every_tool_reads(place: str, text: str) -> None:
    assert json.loads(text), place  # as ``python -m json.tool`` reads it


def test_only_the_seed_prints_json_otherwise() -> None:
    printed = sorted(AS_THE_SEED_PRINTS_THEM.glob("*.json"))
    assert printed
    for file in printed:
        with pytest.raises(json.JSONDecodeError):
            json.loads(file.read_text(encoding="utf-8"))
