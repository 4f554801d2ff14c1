"""Every refusal as one sentence and a non-zero exit, without a traceback."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import click
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from shopbell.backtest import BadLog
from shopbell.config import ConfigError
from shopbell.db.migrate import NewerDatabase, OlderDatabase
from shopbell.db.move import Unmoved
from shopbell.db.places import NotFound
from shopbell.db.restore import InUse
from shopbell.db.verify import BadCopy
from shopbell.domain.refused import Outdated, Stranded
from shopbell.domain.said import Invalid
from shopbell.domain.visit import NotAllowed


@contextmanager
def as_sentence() -> Iterator[None]:
    """Ends what the user can mend with its sentence; a fault of ours keeps its traceback."""
    try:
        yield
    except Invalid as error:
        raise click.ClickException(" ".join(sentence for _, sentence in error.errors)) from None
    except NotFound as error:
        raise click.ClickException(f"There is no such {error}.") from None
    except Outdated:
        raise click.ClickException("Someone changed this meanwhile. Nothing was saved: try again.") from None
    except Stranded as error:
        raise click.ClickException(f"{error} Use --move-to.") from None
    except (ConfigError, NewerDatabase, OlderDatabase, BadCopy, BadLog, InUse, NotAllowed, Unmoved) as error:
        raise click.ClickException(str(error)) from None
    except (SQLAlchemyError, sqlite3.Error) as error:
        raise click.ClickException(f"The database does not answer: {_reason(error)}") from None
    except BrokenPipeError:
        raise  # whoever read the output has seen enough
    except OSError as error:
        raise click.ClickException(
            f"{error.strerror or error}: {error.filename or ''}".rstrip(": ") + "."
        ) from None


def _reason(error: SQLAlchemyError | sqlite3.Error) -> str:
    # The driver's own first line; SQLAlchemy's text would add the statement and its values.
    told = str(error.orig) if isinstance(error, DBAPIError) else str(error)
    return told.strip().partition("\n")[0]
