"""A daily quota in memory."""

from collections import Counter
from datetime import UTC, date, datetime

from application.ports.delivery_quota import DeliveryQuota


class InMemoryDeliveryQuota(DeliveryQuota):
    def __init__(self, quota_bytes: int) -> None:
        self.quota_bytes = quota_bytes
        self.spent = Counter[date]()

    async def spend(self, size_bytes: int, at: datetime) -> bool:
        day = at.astimezone(UTC).date()
        if self.spent[day] + size_bytes > self.quota_bytes:
            return False
        self.spent[day] += size_bytes
        return True
