"""Days and moments in UTC."""

from __future__ import annotations

from datetime import UTC, datetime

from debulk.core import moments


def test_handworked_a_stored_moment_is_read_to_the_minute() -> None:
    assert moments.to_the_minute("2026-11-26T09:31:07.000001Z") == "2026-11-26 09:31"


def test_handworked_the_day_is_that_of_utc_wherever_the_server_stands(monkeypatch) -> None:
    class Clock(datetime):
        @classmethod
        def now(cls, tz=None):
            # Half past midnight in Amsterdam.
            return datetime(2026, 11, 25, 23, 30, tzinfo=UTC).astimezone(tz)

    monkeypatch.setattr(moments, "datetime", Clock)
    assert moments.today() == "2026-11-25"
