"""``python -m tests.standins``: both providers on this machine, and a phone in the terminal.

    python -m tests.standins                                    for a guide on port 8000
    python -m tests.standins --gateway http://localhost:9000    for one elsewhere

It prints the settings to start the guide with. What is typed is sent to the guide, and what the
guide sends is printed. ``/help`` lists what else can be typed.
"""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Callable, Mapping

import httpx

from tests.standins.meta import MetaStandIn, Receipts, SentMessage
from tests.standins.segments import segments
from tests.standins.twilio import Callbacks, SentSms, TwilioStandIn

ACCOUNT, TOKEN, NUMBER = "AC" + "0" * 32, "stand-in-token", "+4552510000"
PAGE, APP_SECRET, PAGE_TOKEN, VERIFY = "100", "stand-in-secret", "stand-in-page", "stand-in-verify"
CITIZEN, PSID = "+4520123478", "90001"
HELP = """\
/sms            write text messages (so it begins)
/messenger      write on Messenger
/from NUMBER    write text messages from another number
/start          press "Get Started" on Messenger
/tap N          press quick reply N of the latest Messenger message
/picture        send a picture
/quit           end (so does Ctrl-D)"""


class _Twilio(TwilioStandIn):
    """On a port that is the same at every start, so that the guide's settings stay right."""

    def __init__(self, port: int, webhook: str) -> None:
        super().__init__(ACCOUNT, TOKEN, NUMBER, webhook=webhook)
        self._port = port


class _Meta(MetaStandIn):
    def __init__(self, port: int, webhook: str) -> None:
        super().__init__(APP_SECRET, PAGE_TOKEN, PAGE, VERIFY, webhook)
        self._port = port


class Terminal:
    """One citizen with a phone and a Messenger account."""

    def __init__(self, twilio: TwilioStandIn, meta: MetaStandIn) -> None:
        self._twilio, self._meta = twilio, meta
        self._number, self._on_sms = CITIZEN, True
        self._buttons: list[dict[str, str]] = []
        twilio.plan, meta.plan = self._text_message, self._messenger_message

    def _text_message(self, sent: SentSms) -> Callbacks:
        show(f"SMS to {sent.to}, segments: {segments(sent.body)}", sent.body)
        return Callbacks()

    def _messenger_message(self, sent: SentMessage) -> Receipts:
        self._buttons = sent.message.get("quick_replies", [])
        titles = [f"[{n}] {button['title']}" for n, button in enumerate(self._buttons, 1)]
        show("Messenger", "\n".join([sent.text, *titles]))
        return Receipts(read=True)

    def obey(self, line: str) -> None:
        """What the line says. Raises ``httpx.TransportError`` where no guide answers."""
        word, _, rest = line.partition(" ")
        match word:
            case "/help":
                print(HELP)
            case "/sms" | "/messenger":
                self._on_sms = word == "/sms"
            case "/from":
                self._number, self._on_sms = rest.strip(), True
            case "/start":
                tell(self._meta.postback(PSID, "get_started", "Get Started"))
            case "/tap" if rest.isdecimal() and 0 < int(rest) <= len(self._buttons):
                button = self._buttons[int(rest) - 1]
                tell(self._meta.text(PSID, button["title"], quick_reply=button["payload"]))
            case "/picture" if self._on_sms:
                tell(self._twilio.text(self._number, "", media=1))
            case "/picture":
                tell(self._meta.attachment(PSID, "image"))
            case _ if word.startswith("/"):
                print(HELP)
            case _ if self._on_sms:
                tell(self._twilio.text(self._number, line))
            case _:
                tell(self._meta.text(PSID, line))


def show(where: str, text: str) -> None:
    """What the guide says."""
    print(f"\n--- {where}\n{text}\n", flush=True)


def tell(answer: httpx.Response) -> None:
    """What went wrong, if something did."""
    if not answer.is_success:
        print(f"The guide refused it: {answer.status_code} {answer.text[:200]}", flush=True)


def settings(twilio_url: str, meta_url: str, gateway: str) -> Mapping[str, str]:
    """The guide's settings, by the names of their variables."""
    return {
        "BORGERGUIDE_PUBLIC_URL": gateway,
        "BORGERGUIDE_TWILIO_ACCOUNT_SID": ACCOUNT,
        "BORGERGUIDE_TWILIO_AUTH_TOKEN": TOKEN,
        "BORGERGUIDE_TWILIO_SENDER": NUMBER,
        "BORGERGUIDE_TWILIO_API_URL": twilio_url,
        "BORGERGUIDE_MESSENGER_PAGE_ID": PAGE,
        "BORGERGUIDE_MESSENGER_PAGE_TOKEN": PAGE_TOKEN,
        "BORGERGUIDE_MESSENGER_APP_SECRET": APP_SECRET,
        "BORGERGUIDE_MESSENGER_VERIFY_TOKEN": VERIFY,
        "BORGERGUIDE_MESSENGER_API_URL": meta_url,
    }


def talk(obey: Callable[[str], None]) -> None:
    """Line by line, to the end of the input."""
    for raw in sys.stdin:
        line = raw.strip()
        if line == "/quit":
            return
        if not line:
            continue
        try:
            obey(line)
        except httpx.TransportError as error:
            print(f"No guide answers: {type(error).__name__}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.standins")
    parser.add_argument("--gateway", default="http://localhost:8000", help="the guide's address")
    parser.add_argument("--twilio-port", type=int, default=8081)
    parser.add_argument("--meta-port", type=int, default=8082)
    given = parser.parse_args()
    gateway = given.gateway.rstrip("/")
    with (
        _Twilio(given.twilio_port, f"{gateway}/channels/sms/twilio") as twilio,
        _Meta(given.meta_port, f"{gateway}/channels/messenger") as meta,
    ):
        print("# Start the guide with these settings, in another terminal:")
        for name, value in settings(twilio.url, meta.url, gateway).items():
            print(f"export {name}={value}")
        print("# Then type a text message here. /help lists what else can be typed.", flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            talk(Terminal(twilio, meta).obey)


if __name__ == "__main__":
    main()
