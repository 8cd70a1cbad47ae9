"""A back office as offices are: slow, wrong, silent, out of order. For demonstration and tests.

Each mood stands between the stand-in and the portal and spoils what is sent; what is recorded
must be right all the same, sooner or later.
"""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from portal.casework.standin_office import Post

TAKEN, REFUSED = 202, 401


@dataclass
class Mood:
    """Keeps what it holds back. `draw` decides; the same seed, the same day."""

    post: Post
    draw: random.Random
    held: list[tuple[bytes, Mapping[str, str]]] = field(default_factory=list)

    def slow(self, body: bytes, headers: Mapping[str, str]) -> int:
        """Says it went out, and sends it some calls later."""
        self.held.append((body, headers))
        while self.held and self.draw.random() < 0.5:
            self.post(*self.held.pop(0))
        return TAKEN

    def shuffled(self, body: bytes, headers: Mapping[str, str]) -> int:
        """Holds some back, and sends what it holds in any order."""
        self.held.append((body, headers))
        if self.draw.random() < 0.4:
            return TAKEN
        self.draw.shuffle(self.held)
        while self.held:
            self.post(*self.held.pop())
        return TAKEN

    def wrong(self, body: bytes, headers: Mapping[str, str]) -> int:
        """Every other time a byte is another, or everything is sent twice."""
        chance = self.draw.random()
        if chance < 0.4:
            at = self.draw.randrange(len(body))
            return self.post(body[:at] + bytes([body[at] ^ 1]) + body[at + 1 :], headers)
        if chance < 0.7:
            self.post(body, headers)
        return self.post(body, headers)

    def silent(self, body: bytes, headers: Mapping[str, str]) -> int:
        """Two of three times nothing is sent at all."""
        return self.post(body, headers) if self.draw.random() < 1 / 3 else REFUSED


MOODS: Mapping[str, Callable[[Mood], Post]] = {
    "slow": lambda mood: mood.slow, "shuffled": lambda mood: mood.shuffled,
    "wrong": lambda mood: mood.wrong, "silent": lambda mood: mood.silent,
}  # fmt: skip


def moody(post: Post, mood: str, *, seed: int = 1) -> Post:
    """`mood`: a key of MOODS, or empty for an office without a fault."""
    if not mood:
        return post
    return MOODS[mood](Mood(post, random.Random(seed)))  # noqa: S311 - nothing secret
