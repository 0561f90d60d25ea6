"""A log of finished work, in memory."""

from application.ports.work_log import WorkLog


class FakeWorkLog(WorkLog):
    def __init__(self) -> None:
        self.entries = 0

    async def clear(self) -> None:
        self.entries = 0
