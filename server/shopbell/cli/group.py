"""The command group: each command's module is read when it is called, so that `--help` stays quick."""

import importlib
from typing import Any

import click
from click.shell_completion import CompletionItem

from shopbell.cli import completion

# The web server, Alembic or the PDF writer take up to a second to import: only who calls them waits.
COMMANDS = {
    "alert": ("alerting", "What became of an alert."),
    "associate": ("people", "People of the staff."),
    "audit": ("audit", "Is the journal as it was written?"),
    "backtest": ("backtest", "Would the wait ranges have held on days that are over?"),
    "backup": ("safekeeping", "Copy the database to a file, while it is in use."),
    "channel": ("alerting", "Where alerts go besides the screens."),
    "completion": ("completion", "Let your shell finish words."),
    "device": ("access", "Screens: tablets, kiosks, displays and phones."),
    "doctor": ("upkeep", "Look over the installation."),
    "erase": ("records", "Erase what a customer told, by the phone number."),
    "export": ("records", "A store's visits, for a spreadsheet or a program."),
    "hours": ("places", "Opening hours."),
    "ladder": ("alerting", "Who is told of a long wait, and when."),
    "line": ("lines", "Lines: what help is asked for."),
    "migrate": ("upkeep", "Bring the database to this version."),
    "migrate-to": ("moving", "Move a store's SQLite database to PostgreSQL."),
    "mute": ("alerting", "Have alerts ring no phone for a while."),
    "qr": ("posters", "The code that customers scan, or a poster with it."),
    "restore": ("safekeeping", "Put a backup in place of the database, or only check it."),
    "serve": ("running", "Run everything in one installation."),
    "store": ("places", "Stores."),
    "token": ("access", "Bearer tokens for the chain's own systems."),
    "unmute": ("alerting", "Let alerts ring again."),
    "watch": ("running", "Run the alert loop alone."),
    "zone": ("lines", "Zones: where the customer stands."),
}


class Lazy(click.Group):
    """A group that imports a command's module on demand and ends every refusal in one sentence."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        if asked := completion.is_asked():
            completion.begin()
        module = importlib.import_module(f"shopbell.cli.{COMMANDS[name][0]}")
        command: click.Command = getattr(module, name.replace("-", "_"))
        return completion.with_stores(command) if asked else command

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        # Without a look at the commands themselves, which click would import all.
        names = [name for name in self.list_commands(ctx) if name.startswith(incomplete)]
        options = click.Command.shell_complete(self, ctx, incomplete)
        return [CompletionItem(name, help=COMMANDS[name][1]) for name in names] + options

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name][1]) for name in self.list_commands(ctx)])

    def invoke(self, ctx: click.Context) -> Any:
        from shopbell.cli.refusals import as_sentence  # brings the database's library along

        with as_sentence():
            return super().invoke(ctx)


@click.group(cls=Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="shopbell")
def cli() -> None:
    """Customers join a line, associates claim them, and nobody is forgotten."""
