"""Who is asking: secrets, devices, people, sessions, tokens, and the caller made of them."""

from shopbell.auth.caller import Caller, anyone, caller, lets_in, only

__all__ = ["Caller", "anyone", "caller", "lets_in", "only"]
