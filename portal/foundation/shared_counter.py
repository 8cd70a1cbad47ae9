"""Counting in Redis, shared by several API processes: quick, and never waited for."""

import threading
import time
from datetime import datetime, timedelta

from redis import Redis
from redis.exceptions import RedisError

from portal.foundation.rates import Away

_PATIENCE = 0.25
_REST = 2.0
"""Seconds for one answer, and seconds without asking again after a failure."""


class SharedCounter:
    """Counts uses within windows of time. Comes back by itself when Redis does."""

    def __init__(self, url: str) -> None:
        self._redis = Redis.from_url(
            url,
            socket_timeout=_PATIENCE,
            socket_connect_timeout=_PATIENCE,
            health_check_interval=30,
        )
        self._lock = threading.Lock()
        self._away_until = 0.0

    def add(self, bucket: str, starts: datetime, per: timedelta) -> int:
        """One more use of `bucket` in the window that began at `starts`; how many there are now.

        Raises Away at once for two seconds after a failure, so that a silent Redis holds up
        one request and not all of them.
        """
        if time.monotonic() < self._away_until:
            raise Away
        name = f"portal:rate:{bucket}:{int(starts.timestamp())}"
        try:
            with self._redis.pipeline(transaction=True) as together:
                together.incr(name)
                together.expire(name, int(per.total_seconds()) + 60)
                return int(together.execute()[0])
        except (RedisError, OSError) as fault:
            self._rest()
            raise Away from fault

    def answers(self) -> bool:
        """Whether Redis can be reached and written to now."""
        try:
            return bool(self._redis.set("portal:asked", "1", ex=60))
        except (RedisError, OSError):
            return False

    def close(self) -> None:
        self._redis.close()

    def _rest(self) -> None:
        with self._lock:
            self._away_until = time.monotonic() + _REST
