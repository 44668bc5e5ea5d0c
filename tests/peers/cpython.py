"""Runs CPython's own tests of venv; what they create is created by `venvwrap venv`.

VENVWRAP_TEST_PROGRAM names the program; the Python that runs this brings the tests.
"""

import os
import subprocess
import sys
import unittest
import venv


def create(self, env_dir):
    arguments = ["-p", sys._base_executable, "--symlinks" if self.symlinks else "--copies"]
    flags = {
        "--system-site-packages": self.system_site_packages,
        "--clear": self.clear,
        "--upgrade": self.upgrade,
        "--without-pip": not self.with_pip,
        "--upgrade-deps": getattr(self, "upgrade_deps", False),
        "--without-scm-ignore-files": getattr(self, "scm_ignore_files", None) == frozenset(),
    }
    arguments += [flag for flag, is_set in flags.items() if is_set]
    if self.prompt is not None:
        arguments += ["--prompt", self.prompt]
    done = subprocess.run(
        [os.environ["VENVWRAP_TEST_PROGRAM"], "venv", *arguments, os.fspath(env_dir)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    )
    print(done.stdout)
    if done.returncode:
        raise ValueError(done.stdout)


venv.EnvBuilder.create = create

from test import test_venv  # noqa: E402 # it takes what is there when it is imported

unittest.main(module=test_venv, argv=[sys.argv[0], "-v", *sys.argv[1:]])
