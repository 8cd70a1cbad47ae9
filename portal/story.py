"""stub"""


def play(say): ...
