"""Signing in through an identity provider: OpenID Connect, code flow with PKCE.

The provider says who somebody is and which groups they are in. The groups give role and teams,
anew each time: whoever leaves the last group that gives a role is out.
"""

from __future__ import annotations

import datetime as dt
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_plus

import httpx
from authlib.oauth2.rfc6749.parameters import (  # type: ignore[import-untyped]
    prepare_grant_uri,
)
from authlib.oauth2.rfc7636 import (  # type: ignore[import-untyped]
    create_s256_code_challenge,
)
from authlib.oidc.core import CodeIDToken  # type: ignore[import-untyped]
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncEngine

from desk.accounts.models import Clock, utc_now
from desk.accounts.sessions import hash_token
from desk.accounts.settings import ProviderSettings
from desk.accounts.tables import OidcFlowRow
from desk.errors import ProviderAway, ProviderRefused
from storage.sessions import Sessions

RETURN_PATH = "/desk/oidc/return"
FLOW_LIFETIME = dt.timedelta(minutes=10)
_ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA")
"""Signatures with a public key only: with HS256 or none anybody could sign."""
_LEEWAY = 60
"""Seconds that the provider's clock may be off."""
_TIMEOUT = httpx.Timeout(5.0)
_METADATA_SECONDS = 3600.0
_KEYS_AGAIN_SECONDS = 30.0
"""An unknown key may be a new one, but who sends rubbish must not make us ask each time."""


@dataclass(frozen=True)
class Departure:
    """Where to send the browser, and what it must bring back as a cookie."""

    url: str
    cookie: str


@dataclass(frozen=True)
class Identity:
    """Whom the provider vouches for."""

    issuer: str
    subject: str
    name: str
    email: str | None
    email_verified: bool
    groups: tuple[str, ...]


@dataclass(frozen=True)
class _Metadata:
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    basic: bool
    """The client's secret goes into a header; otherwise into the body."""


@dataclass(frozen=True)
class _Flow:
    nonce: str
    code_verifier: str


class OpenIdProvider:
    """One provider, as it describes itself. Build it only where one is set up."""

    def __init__(
        self,
        engine: AsyncEngine,
        settings: ProviderSettings,
        public_url: str,
        client: httpx.AsyncClient | None = None,
        clock: Clock = utc_now,
    ) -> None:
        self._settings = settings
        self._redirect_uri = f"{public_url}{RETURN_PATH}"
        self._sessions = Sessions(engine)
        self._client = client or httpx.AsyncClient()
        self._clock = clock
        self._metadata: tuple[float, _Metadata] | None = None
        self._keys: tuple[float, KeySet] | None = None

    async def close(self) -> None:
        """Let go of the connections."""
        await self._client.aclose()

    async def depart(self) -> Departure:
        """Begin a sign-in. Raises :class:`ProviderAway`."""
        metadata = await self._described()
        state, cookie = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        nonce, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(48)
        now = self._clock()
        async with self._sessions.write() as session:
            await session.execute(delete(OidcFlowRow).where(OidcFlowRow.expires_at <= now))
            session.add(
                OidcFlowRow(
                    state_hash=hash_token(state),
                    browser_hash=hash_token(cookie),
                    nonce=nonce,
                    code_verifier=verifier,
                    expires_at=now + FLOW_LIFETIME,
                )
            )
        url = prepare_grant_uri(
            metadata.authorization_endpoint,
            client_id=self._settings.client_id,
            response_type="code",
            redirect_uri=self._redirect_uri,
            scope=self._settings.scopes,
            state=state,
            nonce=nonce,
            code_challenge=create_s256_code_challenge(verifier),
            code_challenge_method="S256",
        )
        return Departure(str(url), cookie)

    async def arrive(self, query: Mapping[str, str], cookie: str | None) -> Identity:
        """Who came back. Raises :class:`ProviderAway` and :class:`ProviderRefused`.

        The state is used up first, whatever follows.
        """
        flow = await self._take(query.get("state", ""), cookie)
        if "error" in query:
            raise ProviderRefused("the provider said no")
        if query.get("iss", self._settings.issuer) != self._settings.issuer:
            raise ProviderRefused("another provider's answer")
        if not query.get("code"):
            raise ProviderRefused("no code")
        token = await self._exchange(query["code"], flow.code_verifier)
        return self._identity(await self._validated(token, flow.nonce))

    async def _take(self, state: str, cookie: str | None) -> _Flow:
        async with self._sessions.write() as session:
            row = (
                await session.execute(
                    delete(OidcFlowRow)
                    .where(OidcFlowRow.state_hash == hash_token(state))
                    .returning(
                        OidcFlowRow.browser_hash,
                        OidcFlowRow.nonce,
                        OidcFlowRow.code_verifier,
                        OidcFlowRow.expires_at,
                    )
                )
            ).one_or_none()
        if row is None:
            raise ProviderRefused("unknown or used state")
        if cookie is None or not secrets.compare_digest(hash_token(cookie), row.browser_hash):
            raise ProviderRefused("another browser's state")
        if self._clock() >= row.expires_at:
            raise ProviderRefused("expired state")
        return _Flow(row.nonce, row.code_verifier)

    async def _exchange(self, code: str, verifier: str) -> str:
        """The ID token for the code."""
        metadata = await self._described()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._redirect_uri,
            "code_verifier": verifier,
        }
        secret = self._settings.client_secret.get_secret_value()
        auth = None
        if metadata.basic:
            # RFC 6749, 2.3.1: both are form-encoded first.
            auth = httpx.BasicAuth(quote_plus(self._settings.client_id), quote_plus(secret))
        else:
            form |= {"client_id": self._settings.client_id, "client_secret": secret}
        body = await self._ask("POST", metadata.token_endpoint, data=form, auth=auth)
        token = body.get("id_token")
        if not isinstance(token, str):
            raise ProviderRefused("no ID token")
        return token

    async def _validated(self, token: str, nonce: str) -> dict[str, Any]:
        try:
            decoded = await self._verified(token)
            claims = CodeIDToken(
                decoded.claims,
                decoded.header,
                options={
                    "iss": {"essential": True, "value": self._settings.issuer},
                    "aud": {"essential": True, "value": self._settings.client_id},
                    "sub": {"essential": True},
                },
                params={"nonce": nonce, "client_id": self._settings.client_id},
            )
            claims.validate(now=int(self._clock().timestamp()), leeway=_LEEWAY)
        except (JoseError, ValueError, TypeError, KeyError) as error:
            # The error's text could hold what is in the token.
            raise ProviderRefused(f"ID token: {type(error).__name__}") from None
        return dict(claims)

    async def _verified(self, token: str) -> jwt.Token:
        """The token's content, if a key of the provider's has signed it."""
        try:
            return jwt.decode(token, await self._key_set(), algorithms=list(_ALGORITHMS))
        except (JoseError, ValueError):
            # A key that we do not know may be a new one.
            fetched = self._keys[0] if self._keys is not None else 0.0
            if time.monotonic() - fetched < _KEYS_AGAIN_SECONDS:
                raise
            self._keys = None
            return jwt.decode(token, await self._key_set(), algorithms=list(_ALGORITHMS))

    def _identity(self, claims: Mapping[str, Any]) -> Identity:
        subject = claims["sub"]
        if not isinstance(subject, str) or not 0 < len(subject) <= 255 or "\0" in subject:
            raise ProviderRefused("ID token: sub")
        email = claims.get("email")
        groups = claims.get(self._settings.groups_claim)
        return Identity(
            issuer=self._settings.issuer,
            subject=subject,
            name=_printable(claims.get("name") or claims.get("preferred_username"))[:80],
            email=email if isinstance(email, str) else None,
            email_verified=claims.get("email_verified") is True,
            groups=tuple(str(group) for group in groups) if isinstance(groups, list) else (),
        )

    async def _described(self) -> _Metadata:
        if self._metadata is not None and time.monotonic() - self._metadata[0] < _METADATA_SECONDS:
            return self._metadata[1]
        found = await self._ask(
            "GET", f"{self._settings.issuer.rstrip('/')}/.well-known/openid-configuration"
        )
        if found.get("issuer") != self._settings.issuer:
            raise ProviderAway("another issuer in the provider's description")
        urls = [
            found.get(name) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")
        ]
        scheme = self._settings.issuer.partition(":")[0]
        if not all(isinstance(url, str) and url.startswith(f"{scheme}://") for url in urls):
            raise ProviderAway("an address is missing in the provider's description")
        methods = found.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        metadata = _Metadata(
            str(urls[0]), str(urls[1]), str(urls[2]), "client_secret_basic" in methods
        )
        self._metadata = (time.monotonic(), metadata)
        return metadata

    async def _key_set(self) -> KeySet:
        if self._keys is not None and time.monotonic() - self._keys[0] < _METADATA_SECONDS:
            return self._keys[1]
        metadata = await self._described()
        found = await self._ask("GET", metadata.jwks_uri)
        try:
            keys = KeySet.import_key_set(found)  # type: ignore[arg-type]
        except (JoseError, ValueError, TypeError, KeyError):
            raise ProviderAway("unreadable keys") from None
        self._keys = (time.monotonic(), keys)
        return keys

    async def _ask(self, method: str, url: str, **arguments: Any) -> dict[str, Any]:
        try:
            response = await self._client.request(
                method,
                url,
                timeout=_TIMEOUT,
                follow_redirects=False,
                headers={"Accept": "application/json"},
                **arguments,
            )
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise ProviderAway(type(error).__name__) from None
        if response.is_client_error and method == "POST":
            # A code that was used, or a secret that is wrong: nobody is vouched for.
            raise ProviderRefused(f"status {response.status_code}")
        if not response.is_success:
            raise ProviderAway(f"status {response.status_code}")
        try:
            body = response.json()
        except ValueError:
            body = None
        if not isinstance(body, dict):
            raise ProviderAway("no JSON object")
        return body


def _printable(value: object) -> str:
    text = value if isinstance(value, str) else ""
    return "".join(letter for letter in text if letter.isprintable())
