"""The garbage collector, told that what lives long goes on living.

Left alone it looks at everything again whenever that has grown by a quarter, which stops a server
with a million users for a second at a time. Here each object is looked at until it has survived
three times, and then set aside. Closing an instance takes everything back in, since what was set
aside may be garbage then.
"""

import gc

__all__ = ["begin_to_collect", "look_at_everything_again"]


def begin_to_collect() -> None:
    """Set aside what there is, and look only at what comes from now on."""
    gc.freeze()
    gc.callbacks.append(_set_survivors_aside)
    gc.enable()


def look_at_everything_again() -> None:
    """Let the next full collection find what has become garbage among the old objects."""
    gc.unfreeze()


def _set_survivors_aside(phase: str, info: dict[str, int]) -> None:
    if phase == "stop" and info["generation"] == len(gc.get_threshold()) - 1:
        gc.freeze()
