"""Mutation testing with faults chosen by hand: each is put in alone, and a named test must fail.

``python tests/tools/mutants.py [WORD ...]`` works in a scratch copy: it runs the named tests once without a
fault, then once with each fault (of those whose name or file holds one of the words), and says which were caught.
The exit code is the number of faults that were not.

A fault replaces a short text that occurs once in its file below ``sqlsel/``, and names files of tests. Entries that
no longer apply are printed before anything is run, with the files in which the text is now, and have to be
rewritten for the code as it is; ``--check`` only looks for them.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COPIED = ("sqlsel", "sql", "tests", "examples", "pyproject.toml", "README.md", "CHANGELOG.md")
LONGEST = 600  # seconds after which tests count as failed: a fault may be an endless loop


@dataclass(frozen=True)
class Mutant:
    """``old`` becomes ``new`` in ``file``; at least one of ``tests`` must fail."""

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]


# Those that survived before part 7 (issue 19 names them).
SURVIVORS = [
    Mutant(
        "the last rows of uneven ranges are never written",
        "engine/kernels/threads.py",
        "rows * i // workers for i",
        "rows // workers * i for i",
        ("kernels/test_threads.py",),
    ),
    Mutant(
        "near ties are not looked at in decimal",
        "engine/optimizer/shortlist.py",
        "scores >= self._score - self._slack)",
        "scores >= self._score)",
        ("parity/test_ties.py",),
    ),
    Mutant(
        "the tie key is without the sign of the strength",
        "engine/objective/sums.py",
        "return Decimal(strength) * floored",
        "return abs(Decimal(strength)) * floored",
        ("parity/test_ties.py",),
    ),
    Mutant(
        "the floor in decimal is 1e-7",
        "engine/objective/sums.py",
        'max(Decimal(u), Decimal("1e-8"))',
        'max(Decimal(u), Decimal("1e-7"))',
        ("parity/test_ties.py",),
    ),
    Mutant(
        "a$b$ is no name",
        "clause/scanner.py",
        r"(?:[\w$]|[^\x00-\x7f\s])*)",
        r"(?:\w|[^\x00-\x7f\s])*)",
        ("clause/test_scanner.py",),
    ),
    Mutant(
        "x AS group begins a clause part",
        "clause/find.py",
        'before.word == "AS"\n        or',
        "False\n        or",
        ("clause/test_rewriter.py",),
    ),
    Mutant(
        "the limit of keys counts characters",
        "config/reader.py",
        "len(key.encode()) > LONGEST_KEY",
        "len(key) > LONGEST_KEY",
        ("config/test_reader.py",),
    ),
    Mutant(
        "a name with NUL is quoted",
        "sqltext/quoting.py",
        'if "\\0" in name:',
        "if False:",
        ("test_quoting.py",),
    ),
    Mutant(
        "a text with NUL is quoted",
        "sqltext/quoting.py",
        'if "\\0" in value:',
        "if False:",
        ("test_quoting.py",),
    ),
]

OURS = [
    Mutant(
        "an exact tie off the list is not looked at",
        "engine/optimizer/shortlist.py",
        "ceilings + self._slack >= self._score",
        "ceilings + self._slack > self._score",
        ("parity/test_ties.py", "parity/test_brute_force.py"),
    ),
    Mutant(
        "min_distance is not squared",
        "engine/objective/spread.py",
        "self.lowest = min_distance * min_distance / 2",
        "self.lowest = min_distance / 2",
        ("strategies/test_diversity.py",),
    ),
    Mutant(
        "tiny weights are not scaled above the floor",
        "engine/objective/sums.py",
        "return max(0, min(1 - math.frexp(least)[1], 900 - math.frexp(most)[1]))",
        "return 0",
        ("strategies/test_weights.py",),
    ),
    Mutant(
        "the error of float32 products is half of the proved one",
        "engine/kernels/nearest.py",
        "(self.dimension + 8) * 2.0**-24 * 1.01",
        "8 * 2.0**-30",
        ("kernels/test_nearest.py",),
    ),
    Mutant(
        "what is nearly a unit vector is taken for one",
        "engine/kernels/exact.py",
        "<= 2.0**-22",
        "<= 2.0**-12",
        ("kernels/test_exact.py",),
    ),
    Mutant(
        "half a sample is rounded to even",
        "engine/optimizer/budget.py",
        "rounding=ROUND_HALF_UP",
        'rounding="ROUND_HALF_EVEN"',
        ("sql/limit.test", "test_arrays.py"),
    ),
    Mutant(
        "OFFSET takes picks away from LIMIT",
        "feed/chooser.py",
        "min(budget + skip, len(table))",
        "min(budget, len(table))",
        ("sql/limit.test",),
    ),
    Mutant(
        "a statement ends the runs of other connections",
        "feed/registry.py",
        "old.owner == new.owner and old.query != new.query",
        "old.query != new.query",
        ("connection/test_plain.py", "connection/test_picks.py"),
    ),
    Mutant(
        "the rows of a view are those of the day it was made",
        "clause/narrow.py",
        '("VIEW", "MACRO", "FUNCTION", "PREPARE")',
        '("MACRO", "FUNCTION", "PREPARE")',
        ("connection/test_places.py",),
    ),
    Mutant(
        "LIMIT may be given twice",
        "clause/parser.py",
        "if token.word in seen:",
        "if token.word in ():",
        ("clause/test_carets.py",),
    ),
    Mutant(
        "a clause reaches back over UNION",
        "clause/find.py",
        "token.word in SET_OPERATIONS and not is_type",
        "token.word in SET_OPERATIONS and is_type",
        ("sql/nested.test",),
    ),
    Mutant(
        "of a key given twice the last counts",
        "config/reader.py",
        "if key in members:",
        "if key in ():",
        ("config/test_reader.py",),
    ),
    Mutant(
        "a strength beside its strategy is left out",
        "config/entries.py",
        'strategy.with_values(strength=entry.values["strength"])',
        "strategy",
        ("config/test_hints.py",),
    ),
    Mutant(
        "a percentage is multiplied in binary",
        "sqltext/quoting.py",
        "(Decimal(repr(proportion)) * 100)",
        "Decimal(proportion * 100)",
        ("config/test_compile.py",),
    ),
    Mutant(
        "texts with NUL are read",
        "readers/strict.py",
        'if "\\0" in text:',
        "if False:",
        ("ingest/test_strict.py",),
    ),
    Mutant(
        "the limit of keys in files counts characters",
        "config/reader.py",
        'len(key.encode("utf-8", "replace")) > LONGEST_KEY',
        "len(key) > LONGEST_KEY",
        ("ingest/test_strict.py",),
    ),
    Mutant(
        "two images of one id keep its objects",
        "readers/coco.py",
        "if len(sharing) > 1:",
        "if len(sharing) > 2:",
        ("ingest/test_coco.py",),
    ),
    Mutant(
        "a name that may mean two samples means the first",
        "readers/join_names.py",
        "return None if path in self._duplicates else index[path]",
        "return index[path]",
        ("ingest/test_joining.py",),
    ),
    Mutant(
        "ranks of an appended tag begin in its middle",
        "catalog/tags.py",
        "rank + coalesce((SELECT max(rank)",
        "rank + coalesce((SELECT min(rank)",
        ("catalog/test_tags.py",),
    ),
    Mutant(
        "what failed is stored up to there",
        "catalog/database.py",
        'con.execute("ROLLBACK")',
        'con.execute("COMMIT")',
        ("catalog/test_dataset.py", "catalog/test_tags.py"),
    ),
    Mutant(
        "the shortest column name wins",
        "polars/column_keys.py",
        "range(len(self.path), 0, -1)",
        "range(1, len(self.path) + 1)",
        ("polars/test_nested_keys.py",),
    ),
    Mutant(
        "vectors of another length are left out unsaid",
        "columns/vector_column.py",
        "        self._check_lengths()\n        matrix",
        "        matrix",
        ("sql/invalid.test", "polars/test_slices.py"),
    ),
    Mutant(
        "an error in a group names the row of the group",
        "arrays/selecting.py",
        "int(part[error.row])",
        "int(error.row)",
        ("test_arrays_groups.py",),
    ),
    Mutant(
        "of several thresholds the last counts",
        "engine/choosing.py",
        "mask &= strategy.passes(",
        "mask = strategy.passes(",
        ("strategies/test_threshold.py",),
    ),
    Mutant(
        "ids stay in the order of their arrival",
        "columns/id_column.py",
        "if not _ascending(places):",
        "if False:",
        ("kernels/test_keys.py",),
    ),
    Mutant(
        "what was not written whole is left beside its place",
        "process/whole_files.py",
        "temporary.unlink(missing_ok=True)",
        "pass",
        ("cli/test_targets.py", "cli/test_commands.py"),
    ),
]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument(
        "words", nargs="*", help="only faults whose name or file holds one of these"
    )
    parser.add_argument(
        "--check", action="store_true", help="only list entries that no longer apply"
    )
    parser.add_argument("--trust", action="store_true", help="the tests pass without a fault")
    options = parser.parse_args()
    chosen = [
        mutant
        for mutant in SURVIVORS + OURS
        if not options.words or any(word in mutant.name + mutant.file for word in options.words)
    ]
    outdated = [line for mutant in chosen for line in outdated_parts(mutant)]
    if outdated or options.check:
        print(*outdated, f"{len(chosen)} faults; no longer apply: {len(outdated)}", sep="\n")
        return len(outdated)
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        copy = Path(folder)
        for name in COPIED:
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(
                    source, copy / name, ignore=shutil.ignore_patterns("__pycache__", "out")
                )
            else:
                shutil.copy(source, copy / name)
        tests = sorted({test for mutant in chosen for test in mutant.tests})
        if not options.trust and not passes(copy, tests, longest=None, show=True):
            sys.exit("these tests fail without a fault")
        missed = sum(not caught(copy, mutant) for mutant in chosen)
    print(f"{len(chosen) - missed} of {len(chosen)} faults caught")
    return missed


def outdated_parts(mutant: Mutant) -> list[str]:
    """One line for each file of tests that does not exist, and for a text that is not once in its file."""
    lines = [f"tests/{test}: no such file" for test in mutant.tests if not is_test_file(test)]
    files = sorted((ROOT / "sqlsel").rglob("*.py"))
    counts = {file: file.read_text(encoding="utf-8").count(mutant.old) for file in files}
    named = ROOT / "sqlsel" / mutant.file
    if counts.get(named) != 1:
        others = [str(file.relative_to(ROOT)) for file in files if file != named and counts[file]]
        state = f"text occurs {counts[named]} times" if named in counts else "no such file"
        lines.append(f"sqlsel/{mutant.file}: {state}; elsewhere: {', '.join(others) or 'nowhere'}")
    return [f"OUTDATED  {mutant.name}: {line}" for line in lines]


def is_test_file(name: str) -> bool:
    return (ROOT / "tests" / name).is_file()


def caught(copy: Path, mutant: Mutant) -> bool:
    """Whether a test fails with the fault in the copy, which is then restored; prints the result."""
    file = copy / "sqlsel" / mutant.file
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace(mutant.old, mutant.new), encoding="utf-8")
    failed = not passes(copy, mutant.tests)
    file.write_text(text, encoding="utf-8")
    print(f"{'caught' if failed else 'SURVIVED':9} {mutant.file}: {mutant.name}", flush=True)
    return failed


def passes(
    copy: Path,
    tests: tuple[str, ...] | list[str],
    *,
    longest: float | None = LONGEST,
    show: bool = False,
) -> bool:
    """Whether the tests (those of the default run) pass on the copy."""
    command = [sys.executable, "-B", "-m", "pytest", "-q", "-x", "-p", "no:randomly"]
    command += ["-p", "no:cacheprovider", "-m", "not slow and not nightly and not bench"]
    try:
        done = subprocess.run(
            [*command, *(f"tests/{test}" for test in tests)],
            cwd=copy,
            env=os.environ | {"PYTHONPATH": str(copy)},
            capture_output=True,
            text=True,
            timeout=longest,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return False
    if done.returncode > 2:  # no tests, or a file that is not there; 2 is an error of collection
        sys.exit(done.stdout + done.stderr)
    if show and done.returncode:
        print(done.stdout)
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
