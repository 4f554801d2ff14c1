"""`ladder` and `channel`: who is told of a wait that gets too long, and how."""

from typing import Any

import click

from shopbell import board, clock, notify, settings
from shopbell.cli.options import as_json, database, listing
from shopbell.config import Config
from shopbell.db.places import NotFound
from shopbell.domain.channels import is_webhook, refusal
from shopbell.domain.rules import PREDICTED, duration_text
from shopbell.notify import deliveries, story
from shopbell.settings import CONSOLE


@click.group()
def ladder() -> None:
    """Who is told of a long wait, and when."""


@ladder.command("set")
@click.argument("store")
@click.argument("steps", nargs=-1, required=True, metavar="STEP…")
@database
def set_ladder(config: Config, store: str, steps: tuple[str, ...]) -> None:
    """Set the steps, as: 10m:supervisors 15m:managers. The first of supervisors is the store's threshold."""
    settings.set_ladder(settings.store_id(store), steps, clock.now(), CONSOLE)
    click.echo(f"Set the ladder of “{store}”.")


@ladder.command("show")
@click.argument("store")
@as_json
@database
def show_ladder(config: Config, store: str, as_json: bool) -> None:
    """Show the steps."""
    steps = settings.show_ladder(settings.store_id(store))
    if as_json:
        listing(steps, as_json)
    else:
        click.echo(" ".join(f"{duration_text(step['after_s'])}:{step['audience']}" for step in steps))


@ladder.command("nudge")
@click.argument("store")
@click.option("--free", default="2m", show_default=True, help="A wait while someone is free, or off.")
@click.option("--claimed", default="3m", show_default=True, help="From a claim, until he is there, or off.")
@database
def set_nudges(config: Config, store: str, free: str, claimed: str) -> None:
    """Set when associates themselves are rung, before anyone on the ladder is."""
    settings.set_nudges(settings.store_id(store), free, claimed, clock.now(), CONSOLE)
    click.echo(f"Set when associates of “{store}” are rung.")


@ladder.command("predict")
@click.argument("store")
@click.argument("whom", type=click.Choice(PREDICTED))
@database
def set_predicted(config: Config, store: str, whom: str) -> None:
    """Set who hears that a wait will probably be too long before it is; the alert itself always stays."""
    settings.set_predicted(settings.store_id(store), whom, clock.now(), CONSOLE)
    click.echo(f"Set who of “{store}” hears of a wait that will be too long.")


@ladder.command("bell")
@click.argument("store")
@click.argument("when", metavar="opening|HH:MM|off")
@database
def set_bell(config: Config, store: str, when: str) -> None:
    """Set when the opening bell rings: a daily test that a supervisor or manager answers."""
    settings.set_bell(settings.store_id(store), when, clock.now(), CONSOLE)
    click.echo(f"Set the opening bell of “{store}”.")


@click.group()
def alert() -> None:
    """What became of an alert."""


@alert.command("log")
@click.argument("alert", type=int)
@as_json
@database
def alert_log(config: Config, alert: int, as_json: bool) -> None:
    """Tell in order whom an alert asked, how that went and who answered."""
    store_id, now = board.store_of_alert(alert), clock.now()
    if store_id is None:
        raise NotFound("alert")
    found = board.read_alert(store_id, alert, now)
    if as_json:
        listing([{"at": at, "what": words} for at, words in story.story(found)], as_json)
    else:
        click.echo(story.text(found, board.read_store(store_id, now).timezone))


@click.group()
def channel() -> None:
    """Where alerts go besides the screens: signed webhooks and Apprise addresses."""


@channel.command("add")
@click.argument("store")
@click.argument("url")
@click.option("--step", type=int, metavar="N", help="Only at this step; at every one if not said.")
@click.option("--name", help="What screens and records call it.")
@database
def add_channel(config: Config, store: str, url: str, step: int | None, name: str | None) -> None:
    """Add a channel. A webhook's secret is printed once."""
    _refuse_unknown(url)
    store_id, private = settings.store_id(store), config.allow_private_webhooks
    channel_id, secret = settings.add_channel(
        store_id, url, clock.now(), CONSOLE, step=step, name=name, allow_private=private
    )
    click.echo(f"Added channel {channel_id}.")
    if secret:
        click.echo(secret)


def _refuse_unknown(url: str) -> None:
    if is_webhook(url) or refusal(url, True):
        return  # said by the settings
    from apprise import Apprise  # takes a second, and only this command may need it

    if Apprise.instantiate(url) is None:
        raise click.ClickException(
            "Apprise knows no such address. Write for example mailto://… or https://…."
        )


@channel.command("list")
@click.argument("store", required=False)
@as_json
@database
def list_channels(config: Config, store: str | None, as_json: bool) -> None:
    """List the channels, without their addresses, which hold passwords."""
    listing(settings.list_channels(settings.store_id(store) if store else None), as_json)


@channel.command("test")
@click.argument("channel")
@database
def test_channel(config: Config, channel: str) -> None:
    """Send a test over a channel (id or name) and print its own answer."""
    notify.use(config)
    try:
        click.echo(notify.send_test(settings.find_channel(channel), clock.now()))
    except notify.Failed as error:
        raise click.ClickException(f"{error}. {error.answer}".rstrip()) from None


@channel.command("log")
@click.argument("channel")
@as_json
@database
def channel_log(config: Config, channel: str, as_json: bool) -> None:
    """What became of the last messages of a channel (id or name)."""
    sent = deliveries.log(settings.find_channel(channel).id)
    listing([vars(each) if as_json else _brief(each) for each in sent], as_json)


def _brief(each: deliveries.Delivery) -> dict[str, Any]:
    """A row for eyes: without what was sent and answered."""
    return {name: value for name, value in vars(each).items() if name not in ("answer", "payload")}


@channel.command("resend")
@click.argument("channel")
@click.argument("message", type=int)
@database
def resend(config: Config, channel: str, message: int) -> None:
    """Send a webhook's message once more (its id from the log), with the same webhook-id."""
    notify.use(config)
    found = settings.find_channel(channel)
    if not is_webhook(found.url):
        raise click.ClickException("Only a webhook's messages can be sent again.")
    try:
        click.echo(notify.send_again(found.id, message, clock.now()))
    except notify.Failed as error:
        raise click.ClickException(f"{error}. {error.answer}".rstrip()) from None


@channel.command("remove")
@click.argument("channel")
@database
def remove_channel(config: Config, channel: str) -> None:
    """Take a channel (id or name) out of use."""
    settings.remove_channel(settings.find_channel(channel).id, clock.now(), CONSOLE)
    click.echo(f"Channel {channel} is out.")


@channel.command("rotate")
@click.argument("channel")
@database
def rotate_channel(config: Config, channel: str) -> None:
    """Print a new secret for a webhook (id or name); the old one holds for 24 hours more."""
    click.echo(settings.rotate_channel(settings.find_channel(channel).id, clock.now(), CONSOLE))


@click.command()
@click.argument("store")
@click.argument("length", metavar="DURATION")
@click.option("--reason", required=True, help="What every screen of the store says.")
@database
def mute(config: Config, store: str, length: str, reason: str) -> None:
    """Have alerts ring no phone for a while, as: main 30m --reason "Fire drill"."""
    until = settings.mute(settings.store_id(store), length, reason, clock.now(), CONSOLE)
    click.echo(f"Phones of “{store}” are quiet until {until:%H:%M} UTC.")


@click.command()
@click.argument("store")
@database
def unmute(config: Config, store: str) -> None:
    """Let alerts ring again."""
    settings.unmute(settings.store_id(store), clock.now(), CONSOLE)
    click.echo(f"Phones of “{store}” ring again.")
