"""JSON for the chain's own systems, under ``/api/v1``: bearer tokens, RFC 9457 problems, OpenAPI 3.1."""

from shopbell.api.mount import blueprint

__all__ = ["blueprint"]
