"""Setting up: what is done to .venv from each state that it can be in."""

import pytest

from tools import project


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """A project without .venv, in which making, pip and looking are noted and cost nothing."""
    done = []
    environment = tmp_path / ".venv"
    python = environment / "bin" / "python"
    for name in ("requirements.txt", "pyproject.toml"):
        (tmp_path / name).write_text("numpy==2.4.6\n", encoding="utf-8")

    def run(*command, **options):
        if "venv" in command:
            done.append("made")
            python.parent.mkdir(parents=True)
            python.touch()
            (environment / "pyvenv.cfg").touch()
        elif "install" in command:
            done.append("installed")
        elif "--version" in command:
            return int(not python.exists() or (environment / "pip is gone").exists())
        return 0

    stand_ins = {
        "ROOT": tmp_path,
        "VENV": environment,
        "STAMP": environment / "ready.txt",
        "PYTHON": python,
        "run": run,
        "whole": lambda: "installed" in done,
    }
    for name, value in stand_ins.items():
        monkeypatch.setattr(project, name, value)
    return tmp_path, done


MADE = ["made", "installed", "installed"]


def test_without_an_environment_one_is_made_and_then_left_alone(machine):
    _, done = machine
    project.setup()
    project.setup()
    assert done == MADE


def test_a_changed_requirement_is_installed_into_the_environment_that_is_there(machine):
    root, done = machine
    project.setup()
    (root / "requirements.txt").write_text("numpy==2.5.0\n", encoding="utf-8")
    project.setup()
    project.setup()
    assert done == [*MADE, "installed", "installed"]


def test_a_package_that_went_missing_is_installed_again(machine, monkeypatch):
    _, done = machine
    project.setup()
    looks = iter([False, True])
    monkeypatch.setattr(project, "whole", lambda: next(looks))
    project.setup()
    assert done == [*MADE, "installed", "installed"]


def test_an_interrupted_installation_begins_anew(machine, monkeypatch):
    root, done = machine
    project.setup()
    (root / "pyproject.toml").write_text("changed\n", encoding="utf-8")
    with monkeypatch.context() as broken:
        broken.setattr(project, "run", lambda *command, **options: 1)
        with pytest.raises(SystemExit):
            project.setup()
    project.setup()
    assert done == [*MADE, *MADE]


def test_an_environment_that_came_from_elsewhere_is_made_anew(machine):
    root, done = machine
    project.setup()
    stamp = project.STAMP.read_text(encoding="utf-8")
    project.STAMP.write_text(stamp.replace(str(root), "/elsewhere"), encoding="utf-8")
    project.setup()
    assert done == [*MADE, *MADE]


@pytest.mark.parametrize("part", ["bin/python", "pyvenv.cfg"])
def test_an_environment_that_lost_a_part_of_itself_is_made_anew(machine, monkeypatch, part):
    root, done = machine
    project.setup()
    (root / ".venv" / part).unlink()
    looks = iter([False, True])
    monkeypatch.setattr(project, "whole", lambda: next(looks))
    project.setup()
    assert done == [*MADE, *MADE]


def test_an_environment_without_pip_is_made_anew(machine, monkeypatch):
    root, done = machine
    project.setup()
    (root / ".venv" / "pip is gone").touch()
    looks = iter([False, True])
    monkeypatch.setattr(project, "whole", lambda: next(looks))
    project.setup()
    assert done == [*MADE, *MADE]


def test_a_file_in_the_place_of_the_environment_makes_room(machine):
    root, done = machine
    (root / ".venv").write_text("not a folder", encoding="utf-8")
    project.setup()
    assert done == MADE


def test_an_environment_that_is_not_whole_after_all_is_an_error(machine, monkeypatch):
    monkeypatch.setattr(project, "whole", lambda: False)
    with pytest.raises(SystemExit, match="not whole"):
        project.setup()
    assert not project.STAMP.exists()


def test_bench_hands_the_sizes_on_with_one_thread_and_without_what_tunes_openblas(monkeypatch):
    ran = []
    monkeypatch.setattr(project, "setup", lambda: None)
    monkeypatch.setattr(project, "run", lambda *command, **options: ran.append((command, options)) or 0)
    for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "OMP_NUM_THREADS"):
        monkeypatch.setenv(name, "2")
    project.bench("S1", "S2")
    ((command, options),) = ran
    assert command == (project.PYTHON, "-m", "benchmarks", "S1", "S2")
    assert not {"OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"} & options["env"].keys()
    threads = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    assert {options["env"][name] for name in threads} == {"1"}


def test_bench_fails_when_the_measurement_fails(monkeypatch):
    monkeypatch.setattr(project, "setup", lambda: None)
    monkeypatch.setattr(project, "run", lambda *command, **options: 3)
    with pytest.raises(SystemExit, match="3"):
        project.bench()


def test_sweeps_hands_the_names_on_and_fails_when_a_run_fails(monkeypatch):
    ran = []
    monkeypatch.setattr(project, "setup", lambda: None)
    monkeypatch.setattr(project, "run", lambda *command, **options: ran.append(command) or 3)
    with pytest.raises(SystemExit, match="3"):
        project.sweeps("adding", "units")
    assert ran == [(project.PYTHON, "-m", "experiments.sweeps", "adding", "units")]
