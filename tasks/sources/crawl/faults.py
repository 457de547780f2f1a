"""Why a page gives no posts."""


class Unreadable(Exception):
    """A page cannot be read; the others go on.

    Args:
        reason: A few plain words, the same for all pages of that kind, because they are counted by it.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
