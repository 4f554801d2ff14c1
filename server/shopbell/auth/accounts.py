"""Company accounts: which person an identity of the chain's provider is linked to, if any.

An identity is its issuer and its subject there. Nobody is found by a name or an e-mail address, which the
provider may give to another one day, and nobody is made: without a link it is a stranger's.
"""

from sqlalchemy import Connection, select

from shopbell.auth import secrets
from shopbell.db.tables import people

LONGEST = 255  # characters of a subject, by OpenID Connect Core 1.0, section 2


def digest(issuer: str, subject: str) -> str:
    """What the database keeps of an identity. The same subject at another issuer is another one."""
    return secrets.digest(f"{issuer}\n{subject}")


def person_of(conn: Connection, account: str) -> int | None:
    """The person whom the identity of this digest is linked to; None if nobody who is still here."""
    mine = (people.c.account_hash == account, people.c.removed_at.is_(None))
    return conn.scalar(select(people.c.id).where(*mine))
