"""The repository as a whole: its public address, the set-up cell, the exact versions, the wheel."""

import ast
import builtins
import json
import re
import shutil
import zipfile

import pytest
import release
import repository
import yaml
from helpers.book import PROJECT, ROOT
from helpers.processes import python
from packaging.requirements import Requirement

import lstm_ref

IGNORED = shutil.ignore_patterns(
    ".git", ".venv", "_build", "build", "dist", "node_modules", "__pycache__", ".*_cache", ".hypothesis"
)
NOTEBOOKS = sorted((ROOT / "book").glob("*.ipynb"))


def contents(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    return shutil.copytree(ROOT, tmp_path_factory.mktemp("copy") / "book", ignore=IGNORED)


def changed(before, after):
    assert before.keys() == after.keys()
    return {name for name in before if before[name] != after[name]}


def test_the_address_is_the_same_everywhere():
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    code = f"https://github.com/{repository.current()}"
    pages = "https://{}.github.io/{}/".format(*repository.current().split("/"))
    assert config["repository"]["url"] == code
    assert PROJECT["urls"] == {"Homepage": code, "Documentation": pages}
    assert (citation["repository-code"], citation["url"]) == (code, pages)
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert repository.passage(repository.current()) in readme


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_begins_with_the_set_up_cell(path):
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    first = next(cell for cell in cells if cell["cell_type"] == "code")
    assert "".join(first["source"]) == (ROOT / repository.SETUP_CELL).read_text(encoding="utf-8").rstrip("\n")


def test_setting_the_address_changes_its_places_and_no_other_and_can_be_undone(copy):
    repository.set_address(repository.UNSET, copy)
    before = contents(copy)
    repository.set_address("ada-l/the.engine_2", copy)
    after = contents(copy)
    notebooks = {f"book/{path.name}" for path in NOTEBOOKS}
    assert changed(before, after) == set(repository.FILES) | notebooks
    assert not [name for name in after if b"-owner-" in after[name] and name in changed(before, after)]
    repository.set_address("ada-l/the.engine", copy)
    repository.set_address(repository.UNSET, copy)
    assert changed(before, contents(copy)) == set()


def test_the_readme_links_to_the_address_and_to_nothing_while_there_is_none(copy):
    readme = copy / "README.md"
    assert "://" not in re.sub(r"(?s)^```.*?^```$", "", readme.read_text(encoding="utf-8"), flags=re.MULTILINE)
    repository.set_address("ada-l/the.engine_2", copy)
    links = re.findall(r"https://[^)>]+", readme.read_text(encoding="utf-8"))
    assert links[0] == "https://ada-l.github.io/the.engine_2/"
    assert len(links) == 3 and all("ada-l/the.engine_2/" in link for link in links[1:])
    repository.set_address(repository.UNSET, copy)


def test_no_other_file_names_the_address(copy):
    owner = repository.current().split("/")[0]
    places = {*repository.FILES, *(f"book/{path.name}" for path in NOTEBOOKS)}
    address = re.compile(rf"github\.(?:com|io)/{re.escape(owner)}\b|{re.escape(owner)}\.github\.io".encode())
    assert [name for name, data in contents(copy).items() if address.search(data) and name not in places] == []


@pytest.mark.parametrize(
    "name",
    [
        "",
        "owner",
        "a/b/c",
        "-a/b",
        "a-/b",
        "a--b/c",
        "a b/c",
        "a/b c",
        "a/..",
        "a/b.git",
        "https://github.com/a/b",
        "a" * 41 + "/b",
        "a/b\n",
        "-owner-/other",
    ],
)
def test_what_github_cannot_name_is_refused_and_changes_nothing(copy, name):
    before = contents(copy)
    with pytest.raises(ValueError, match="OWNER/NAME"):
        repository.set_address(name, copy)
    assert changed(before, contents(copy)) == set()


def run_set_up_cell(monkeypatch, address, installed):
    """Run the set-up cell's source; return what it asked IPython for."""
    asked = []
    shell = type("Shell", (), {"run_line_magic": lambda self, *magic: asked.append(magic)})
    source = repository.renamed(
        (ROOT / repository.SETUP_CELL).read_text(encoding="utf-8"), repository.current(), address
    )
    monkeypatch.setattr("importlib.util.find_spec", lambda name: object() if installed else None)
    monkeypatch.setattr(builtins, "get_ipython", shell, raising=False)
    exec(compile(ast.parse(source), "set-up cell", "exec"), {})
    return asked


def test_the_set_up_cell_says_that_no_address_is_set_and_installs_nothing(monkeypatch, capsys):
    assert run_set_up_cell(monkeypatch, repository.UNSET, installed=False) == []
    assert "no address is set" in capsys.readouterr().out


def test_the_set_up_cell_installs_from_the_address_and_upgrades_nothing(monkeypatch, capsys):
    (magic,) = run_set_up_cell(monkeypatch, "ada/engine", installed=False)
    assert magic == ("pip", 'install --quiet "lstm_ref[book,torch] @ git+https://github.com/ada/engine"')
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("address", [repository.UNSET, "ada/engine"])
def test_the_set_up_cell_does_nothing_where_the_package_is(monkeypatch, capsys, address):
    assert run_set_up_cell(monkeypatch, address, installed=True) == []
    assert capsys.readouterr().out == ""


def test_the_package_and_its_extras_set_no_upper_bound_on_numpy_or_torch():
    extras = PROJECT["optional-dependencies"]
    wanted = [Requirement(text) for text in (*PROJECT["dependencies"], *extras["book"], *extras["torch"])]
    assert [wish.name for wish in wanted if wish.name in ("numpy", "torch")] == ["numpy", "torch"]
    assert {clause.operator for wish in wanted for clause in wish.specifier} == {">="}
    assert PROJECT["dependencies"] == ["numpy>=1.26"]


def test_every_version_is_exact():
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    wishes = [Requirement(line.partition("#")[0]) for line in lines if re.match(r"\w", line)]
    assert wishes and {clause.operator for wish in wishes for clause in wish.specifier} == {"=="}


def test_the_wheel_holds_the_data_and_works_on_its_own(copy, tmp_path):
    build = ["-m", "pip", "wheel", str(copy), "--no-deps", "--no-build-isolation", "--no-index"]
    python(*build, "--wheel-dir", str(tmp_path))
    (wheel,) = tmp_path.glob("lstm_ref-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        inside = set(archive.namelist())
        archive.extractall(tmp_path / "installed")
    here = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "lstm_ref").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert {name for name in inside if ".dist-info/" not in name} == here
    assert {"lstm_ref/data/souvenirs.csv", "lstm_ref/svg/book.mplstyle"} <= inside
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); import lstm_ref; from lstm_ref.data import load_souvenirs\n"
        "print(lstm_ref.__file__.startswith(sys.argv[1]), load_souvenirs().sales.shape)"
    )
    assert python("-I", "-c", code, str(tmp_path / "installed")).split(maxsplit=1) == ["True", "(84,)\n"]


def test_every_action_is_named_by_commit_with_its_version_beside_it():
    lines = [
        line.strip()
        for path in (ROOT / ".github" / "workflows").glob("*.yml")
        for line in path.read_text(encoding="utf-8").splitlines()
        if "uses:" in line
    ]
    assert len(lines) >= 8
    assert [line for line in lines if not re.search(r"uses: [\w/-]+@[0-9a-f]{40} # v\d", line)] == []


def test_the_version_stands_in_one_place():
    stands = [
        path.relative_to(ROOT).as_posix()
        for pattern in ("*.toml", "*.cff", "*.md", "lstm_ref/*.py", "tools/*.py", ".github/workflows/*.yml")
        for path in ROOT.glob(pattern)
        if path.name != "CHANGELOG.md"
        and re.search(rf"(?<!v){re.escape(lstm_ref.__version__)}", path.read_text("utf-8"))
    ]
    assert stands == ["lstm_ref/__init__.py"] and f"## {lstm_ref.__version__} " in (ROOT / "CHANGELOG.md").read_text(
        "utf-8"
    )


def test_two_builds_have_the_same_bytes(tmp_path):
    assert release.build(tmp_path / "first") == release.build(tmp_path / "second")
