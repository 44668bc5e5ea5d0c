"""Lets virtualenv's own tests judge venvwrap: what they create in this process is created by `venvwrap venv`.

A plugin for pytest. VENVWRAP_TEST_PROGRAM names the program.
"""

import os
import subprocess

import virtualenv.run
from virtualenv.create.pyenv_cfg import PyEnvCfg
from virtualenv.run.session import Session

_session_via_cli = virtualenv.run.session_via_cli


def session_via_cli(args, options=None, setup_logging=True, env=None):
    session = _session_via_cli(args, options, setup_logging, env)
    session.arguments = [str(argument) for argument in args]
    session.environment = env
    return session


def run(self):
    program = os.environ["VENVWRAP_TEST_PROGRAM"]
    environment = dict(os.environ if self.environment is None else self.environment)
    done = subprocess.run(
        [program, "venv", *self.arguments],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    )
    print(done.stdout)
    if done.returncode:
        raise SystemExit(done.stdout)
    self.creator.pyenv_cfg = PyEnvCfg.from_folder(self.creator.dest)


virtualenv.run.session_via_cli = session_via_cli
Session.run = run
