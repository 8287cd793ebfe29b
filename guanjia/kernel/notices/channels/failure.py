"""What every channel raises when a message did not go out."""


class ChannelFailure(Exception):
    """A message was not taken.

    ``sentence`` is Chinese, for the log that administrators read: no address of a server with its
    token, no password, nothing a server said word for word. ``retry``: whether later may help.
    """

    def __init__(self, sentence: str, *, retry: bool) -> None:
        self.sentence, self.retry = sentence, retry
        super().__init__(sentence)
