"""Whether a request is from Twilio, and for our account."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from twilio.request_validator import RequestValidator

from channels.base import Webhook, WrongSignature
from channels.sms.form import read_form
from channels.sms.settings import TwilioSettings


def verify(webhook: Webhook, settings: TwilioSettings, public_url: str) -> None:
    """Raises :class:`WrongSignature` for what Twilio did not sign, or signed for somebody else.

    What is signed is the address as Twilio knows it. Behind a proxy the request itself shows
    another one, and a forged one whatever its sender likes: only ``public_url`` counts.
    """
    url = public_url + webhook.path
    if "bodySHA256" in parse_qs(urlsplit(url).query, keep_blank_values=True):
        # The signature of a JSON body does not cover form fields; text messages have no JSON.
        raise WrongSignature("not a form")
    # What is no UTF-8 cannot have been signed as it stands. It fails here, not in the decoder.
    form = read_form(webhook.body, errors="replace")
    signature = webhook.headers.get("x-twilio-signature", "")
    validator = RequestValidator(settings.auth_token.get_secret_value())
    if not signature or not validator.validate(url, form, signature):
        raise WrongSignature("not signed by Twilio")
    if form.getlist("AccountSid") != [settings.account_sid]:
        raise WrongSignature("for another account")
