"""Requests as nobody's provider sends them, and some that nearly are."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

from hypothesis import strategies as st

_KEYS = (
    "object entry messaging sender recipient id time timestamp message mid text quick_reply"
    " payload title attachments type is_echo metadata delivery mids read watermark postback"
    " kind box choice request state until letter"
)
_NAMES = st.sampled_from(_KEYS.split())
_WORDS = st.sampled_from(
    ["page", "1234567890", "get_started", "letter", "status", "read", "stop", "hej", "\ud800", "\0"]
)
_LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | _WORDS
    | st.text(max_size=300)
    | st.integers(0, 2**62)
)
_VALUES: st.SearchStrategy[Any] = st.recursive(
    _LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_NAMES, inner, max_size=6),
    max_leaves=25,
)
_MESSAGES = st.fixed_dictionaries(
    {"sender": st.fixed_dictionaries({"id": _LEAVES})},
    optional={
        "recipient": st.fixed_dictionaries({"id": _LEAVES}),
        "timestamp": _LEAVES,
        "message": st.dictionaries(_NAMES, _VALUES, max_size=6),
        "postback": st.dictionaries(_NAMES, _VALUES, max_size=4),
        "delivery": st.dictionaries(_NAMES, _VALUES, max_size=4),
        "read": st.dictionaries(_NAMES, _VALUES, max_size=4),
    },
)
_NEARLY = st.fixed_dictionaries(
    {
        "object": st.just("page"),
        "entry": st.lists(
            st.fixed_dictionaries(
                {"id": st.just("1234567890"), "messaging": st.lists(_MESSAGES, max_size=3)}
            ),
            max_size=2,
        ),
    }
)
_FIELDS = "AccountSid MessageSid From To Body NumMedia OptOutType MessageStatus ErrorCode"
_FORM = st.dictionaries(
    st.sampled_from(_FIELDS.split()),
    st.sampled_from(
        ["", "+4520123456", "SM" + "a" * 32, "STOP", "delivered", "failed", "21610", "1", "\0"]
    )
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=300),
)

BODIES: st.SearchStrategy[bytes] = (
    st.binary(max_size=300)
    | (_VALUES | _NEARLY).map(lambda value: json.dumps(value).encode())
    | _FORM.map(lambda form: urlencode(form).encode())
)
HEADERS: st.SearchStrategy[dict[str, str]] = st.dictionaries(
    st.sampled_from(
        ["x-twilio-signature", "x-hub-signature-256", "x-paper-stamp", "content-type", "host"]
    ),
    st.text(st.characters(codec="latin-1"), max_size=100)
    | st.sampled_from(["sha256=", "sha256=" + "0" * 64, "application/json"]),
)
QUERIES = st.sampled_from(["", "?delivery=", "?delivery=" + "a" * 32, "?delivery=%00&x", "?%ff"])
