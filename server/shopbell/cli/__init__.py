"""The command line: `shopbell`."""

import gc
import sys

COOPERATIVE = ("serve", "watch")


def main() -> None:
    """The entry point. Heavy imports wait until it is known which command runs."""
    if sys.argv[1:2] and sys.argv[1] in COOPERATIVE:
        # Before any other import: ssl and socket cannot be made cooperative once others hold them.
        from gevent import monkey

        monkey.patch_all()
        gc.disable()  # until all is imported: looking through it for garbage takes a fifth of the start
    from shopbell.cli.group import cli  # after the patch, see above

    cli(prog_name="shopbell")
