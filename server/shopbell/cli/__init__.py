"""The command line: `shopbell`."""

import sys

COOPERATIVE = ("serve", "watch")


def main() -> None:
    """The entry point. Heavy imports wait until it is known which command runs."""
    if sys.argv[1:2] and sys.argv[1] in COOPERATIVE:
        # Before any other import: ssl and socket cannot be made cooperative once others hold them.
        from gevent import monkey

        monkey.patch_all()
    from shopbell.cli.group import cli  # after the patch, see above

    cli(prog_name="shopbell")
