"""Runs the migrations on the connection that `shopbell.db.migrate` hands over."""

from alembic import context

from shopbell.db.tables import metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_as_batch=True,
    user_module_prefix="tables.",
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
