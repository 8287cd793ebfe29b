"""What every channel raises when a message did not go out: the failure of a call to a server."""

from guanjia.kernel.outside.failure import CallFailure as ChannelFailure

__all__ = ["ChannelFailure"]
