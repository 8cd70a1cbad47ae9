"""One call in a child of this process, killed at a named point."""

import os
import signal
import traceback
from collections.abc import Callable

from portal.foundation import crash


def killed_at(point: str, deed: Callable[[], object]) -> None:
    """Fails where `deed` does not come to that point. Nothing of a database may be open here."""
    child = os.fork()
    if child == 0:
        try:
            crash.arm(point)
            deed()
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status), "never reached"
    assert os.WTERMSIG(status) == signal.SIGKILL
