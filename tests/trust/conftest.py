"""What the tests of trust share."""

from tests.auth.conftest import Shop, shop

__all__ = ["Shop", "shop"]
