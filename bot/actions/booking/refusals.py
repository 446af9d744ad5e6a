"""What cannot be booked, as replies: every error of the core has a sentence."""

from __future__ import annotations

import datetime as dt
from typing import Any

from booking.danish_days import holiday_names
from booking.errors import BookingError, Closed, NotOffered, TooFar, TooMany
from conversations.models import Reply


def refusal(error: BookingError, **more: Any) -> Reply:
    """The sentence for an error; ``more`` are values of the caller's own."""
    values: dict[str, Any] = {**error.values, **more}
    if isinstance(error, Closed):
        day = dt.date.fromisoformat(str(values.pop("date")))
        reason, name = values.pop("reason"), values.pop("name")
        values["day"] = day.isoformat()
        if reason in ("holiday", "closure"):
            values["holiday"] = {"": name, **holiday_names(day)}
            return Reply(f"{error.reply}_holiday", values)
        return Reply(f"{error.reply}_{reason}", values)
    if isinstance(error, TooFar):
        return Reply(error.reply, {"day": values["last"]})
    if isinstance(error, TooMany):
        return Reply(f"{error.reply}_{values['unit']}", {"limit": values["limit"]})
    if isinstance(error, NotOffered):
        what, name = values.pop("what"), error.values["name"]
        key = {"language": "spoken", "service": "visits"}.get(what)
        if what != "place":
            values.pop("name")
        if key == "spoken":
            values[key] = name
        elif key == "visits":
            values[key] = [[name, 1]]
        return Reply(f"{error.reply}_{what}", values)
    return Reply(error.reply, values)
