"""cpu.py COMMAND...: runs it once, silent, and prints the user + system milliseconds of the whole process.

The child is spawned, not forked: what a fork copies of this interpreter would count as the child's.
"""

import os
import sys

silent = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0), (os.POSIX_SPAWN_DUP2, 1, 2)]
child = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ, file_actions=silent)
_, status, usage = os.wait4(child, 0)
if status != 0:
    sys.exit(f"{sys.argv[1]} failed: {os.waitstatus_to_exitcode(status)}")
print(f"{(usage.ru_utime + usage.ru_stime) * 1000:.3f}")
