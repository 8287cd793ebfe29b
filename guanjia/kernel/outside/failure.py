"""What a call to somebody else's server raises when it did not get through."""


class CallFailure(Exception):
    """A call was not taken.

    ``sentence`` is Chinese, for the log that administrators read: no address of a server with its
    token, no password, nothing a server said word for word. ``retry``: whether later may help.
    """

    def __init__(self, sentence: str, *, retry: bool) -> None:
        self.sentence, self.retry = sentence, retry
        super().__init__(sentence)
