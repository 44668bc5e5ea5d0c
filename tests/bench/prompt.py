"""Prints the milliseconds that a shell takes on a terminal until it ends: prompt.py TIMES COMMAND.."""

import os
import shutil
import sys
import time

program = shutil.which(sys.argv[2])
for _ in range(int(sys.argv[1])):
    ours, theirs = os.openpty()
    # Who begins a session gets the first terminal that it opens. Nothing of this interpreter is copied, as `fork` would.
    opened = [(os.POSIX_SPAWN_OPEN, 0, os.ttyname(theirs), os.O_RDWR, 0)]
    copied = [(os.POSIX_SPAWN_DUP2, 0, number) for number in (1, 2)]
    start = time.perf_counter()
    pid = os.posix_spawn(program, sys.argv[2:], os.environ, setsid=True, file_actions=opened + copied)
    os.close(theirs)
    try:
        while os.read(ours, 65536):
            pass
    except OSError:
        # Linux says in this way that nobody has the terminal open any more.
        pass
    os.waitpid(pid, 0)
    print(1000 * (time.perf_counter() - start))
    os.close(ours)
