"""From one version to the next the schema only grows: processes of both work on it for a while.

That is so from the version on that can be rolled out process by process.
"""

import ast
from collections.abc import Iterator

import pytest

from shopbell.db.migrate import HERE

ROLLED_AFTER = "0012"
SHRINKS = ("drop_column", "drop_table", "rename_table")
LATER = [path for path in sorted((HERE / "versions").glob("0*.py")) if path.name[:4] > ROLLED_AFTER]


def faults(source: str) -> Iterator[str]:
    """What a process of the former version would stumble over."""
    for call in ast.walk(ast.parse(source)):
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute):
            continue
        words = {word.arg: word.value for word in call.keywords}
        if call.func.attr in SHRINKS:
            yield f"line {call.lineno}: {call.func.attr}"
        if call.func.attr == "alter_column" and (
            _is(words.get("nullable"), False) or "new_column_name" in words
        ):
            yield f"line {call.lineno}: alter_column"
        if call.func.attr == "add_column" and not _has_value(call.args[-1]):
            yield f"line {call.lineno}: add_column without a value for rows that know nothing of it"


def _has_value(column: ast.expr) -> bool:
    words = {word.arg: word.value for word in column.keywords} if isinstance(column, ast.Call) else {}
    return _is(words.get("nullable"), True) or "server_default" in words


def _is(node: ast.expr | None, value: bool) -> bool:
    return isinstance(node, ast.Constant) and node.value is value


def test_no_migration_takes_away_what_the_former_version_works_with() -> None:
    found = {path.name: list(faults(path.read_text())) for path in LATER}
    assert {name: told for name, told in found.items() if told} == {}


@pytest.mark.parametrize(
    ("line", "is_fine"),
    [
        ('op.add_column("stores", sa.Column("motto", sa.Text(), nullable=True))', True),
        ('op.add_column("stores", sa.Column("motto", sa.Text(), nullable=False, server_default="x"))', True),
        ('batch.add_column(sa.Column("motto", sa.Text(), nullable=False))', False),
        ('batch.drop_column("motto")', False),
        ('op.drop_table("stores")', False),
        ('batch.alter_column("motto", nullable=False)', False),
        ('batch.alter_column("motto", new_column_name="word")', False),
        ('batch.alter_column("motto", type_=sa.Text())', True),
    ],
)
def test_what_would_be_in_its_way_is_found(line: str, is_fine: bool) -> None:
    assert (list(faults(line)) == []) is is_fine
