"""Fail unless wheel and sdist hold all code and SQL, and the changelog knows the version."""

import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[1]


def wanted() -> set[str]:
    """The files of the package as an installed user must find them."""
    code = {p.relative_to(ROOT).as_posix() for p in (ROOT / "sqlsel").rglob("*.py")}
    queries = {f"sqlsel/{p.relative_to(ROOT).as_posix()}" for p in (ROOT / "sql").rglob("*.sql")}
    stubs = {p.relative_to(ROOT).as_posix() for p in (ROOT / "sqlsel").rglob("*.pyi")}
    return code | queries | stubs | {"sqlsel/py.typed"}


def main(folder: Path) -> str | None:
    """What is wrong with the newest build in ``folder``; None when nothing is."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    if f"[{version}]" not in (ROOT / "CHANGELOG.md").read_text():
        return f"CHANGELOG.md does not mention version {version}"
    with zipfile.ZipFile(folder / f"sqlsel-{version}-py3-none-any.whl") as wheel:
        missing = wanted() - set(wheel.namelist())
    with tarfile.open(folder / f"sqlsel-{version}.tar.gz") as sdist:
        held = {name.partition("/")[2] for name in sdist.getnames()}
    sources = {name.removeprefix("sqlsel/") if "/sql/" in name else name for name in wanted()}
    missing |= sources - held
    return f"missing from the build: {', '.join(sorted(missing))}" if missing else None


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
