"""Whoever asks for a list of commands, or for one of them, does not wait for what others need."""

import subprocess
import sys

HEAVY = {"sqlalchemy", "numba", "scipy", "pandas", "ezdxf", "pyogrio", "fastapi", "highspy", "duckdb"}


def loaded_by(statement):
    asked = f"import sys; {statement}; print(' '.join({{name.split('.')[0] for name in sys.modules}}))"
    done = subprocess.run([sys.executable, "-c", asked], check=True, capture_output=True, text=True)
    return set(done.stdout.split())


def test_the_list_of_commands_loads_nothing_heavy():
    assert loaded_by("import wenqu.cli.main") & HEAVY == set()


def test_reading_a_file_loads_no_drawing_library():
    assert "ezdxf" not in loaded_by("import wenqu.services.import_network")
