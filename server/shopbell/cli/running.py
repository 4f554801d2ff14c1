"""`serve` and `watch`: the running program."""

import gc

import click

from shopbell import clock, qr, settings
from shopbell.cli.options import PORT, is_migrated, migrated, open_database
from shopbell.cli.options import settings as told_settings
from shopbell.config import Config
from shopbell.db import engine, meta


@click.command()
@click.option("--host", help="The address to listen on; all of them if not said.")
@click.option("--port", type=int, help="8080 if not said.")
@click.option("--demo", is_flag=True, help="An invented store on a busy morning, in a database of its own.")
@click.option("--speed", type=int, metavar="1-60", help="With --demo: how many times as fast as life.")
@told_settings
def serve(config: Config, **chosen: object) -> None:
    """Run everything in one installation."""
    from shopbell import server  # the whole web application: only this command waits for it

    gc.enable()  # all is imported: see shopbell.cli
    if config.demo:
        _play(config)
        return
    migrated(config)
    with engine.begin() as conn:
        meta.keep(conn, PORT, str(config.port))
    click.echo(f"Shopbell is at {config.address()}")
    _print_setup(config)
    engine.current().dispose()  # the worker is a fork: it must not inherit open connections
    server.serve(config)


def _play(config: Config) -> None:
    """The demo: its morning first, then live."""
    from shopbell import clock, demo, server

    click.echo("Playing the morning of an invented store …")
    player = demo.begin(config.data, config.speed, clock.now())
    click.echo(f"The demo is at {config.address()}\n")
    for screen, about in demo.SCREENS.items():
        click.echo(f"  {about:<24}{config.address()}/demo/{screen}")
    click.echo(f"\nThe PIN is {demo.PIN} for everybody. Nothing here is real, and nothing real is touched.")
    engine.current().dispose()  # as in `serve`
    server.serve(config, player)


def _print_setup(config: Config) -> None:
    with engine.begin() as conn:
        is_new = settings.is_empty(conn)
        code = settings.setup_code(conn, clock.now()) if settings.is_unmanaged(conn) else None
    if code is None:
        return
    link = f"{config.address()}/setup?code={code}"
    why = "There is no store yet" if is_new else "No manager with a PIN could sign in yet"
    click.echo(f"{why}. Set up with this link, which works for one person:\n\n  {link}\n")
    click.echo(qr.render(link, "terminal").decode())


@click.command()
@told_settings
def watch(config: Config) -> None:
    """Run the alert loop alone (chain scale; any number may run)."""
    from threading import Event, Thread

    from shopbell import watch as loop  # the senders: only this command waits for them
    from shopbell import watchdog

    gc.enable()  # all is imported: see shopbell.cli
    open_database(config)
    if not is_migrated():
        raise click.ClickException("This database is empty. Run shopbell migrate or shopbell serve first.")
    migrated(config)
    Thread(target=watchdog.run, args=(Event(),), daemon=True).start()
    loop.run(config)
