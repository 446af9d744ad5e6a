"""An OpenID provider: discovery, authorize, token and keys, with ID tokens that are signed.

Nobody types anything here: whoever comes to ``authorize`` is ``person``.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any
from urllib.parse import unquote_plus, urlencode

from joserfc import jwt
from joserfc.jwk import ECKey, OctKey
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.standins.faults import Fault
from tests.standins.server import StandIn

Claims = dict[str, Any]


@dataclass(frozen=True)
class Person:
    """Somebody with an account at the provider."""

    sub: str
    name: str
    email: str
    groups: tuple[str, ...] = ()
    email_verified: bool = True


class Signing(Enum):
    """What the ID token is signed with. Only the first can be trusted."""

    own = "the provider's key"
    unsigned = "nothing: alg is none"
    other = "another key, under the provider's key id"
    public = "the provider's public key, as if it were a shared secret"
    client = "the client's secret"


@dataclass(frozen=True)
class Grant:
    """A code that was given out, and what it was asked for with."""

    code: str
    redirect_uri: str
    nonce: str | None
    challenge: str
    person: Person


class OidcStandIn(StandIn[Grant]):
    """One provider with one client.

    ``person`` is who signs in, ``None`` is somebody who says no. ``forge`` may change the claims
    of an ID token before it is signed as ``signing`` says. ``faults`` meet the token endpoint,
    ``query_faults`` discovery and keys.
    """

    def __init__(self, client_id: str, client_secret: str, redirect_uri: str) -> None:
        super().__init__(
            [
                Route("/.well-known/openid-configuration", self._describe),
                Route("/authorize", self._authorize),
                Route("/token", self._token, methods=["POST"]),
                Route("/keys", self._jwks),
            ],
            patience=5,
        )
        self.client_id, self.client_secret = client_id, client_secret
        self.redirect_uri = redirect_uri
        self.person: Person | None = None
        self.forge: Callable[[Claims], Claims] = lambda claims: claims
        self.describe: Callable[[Claims], Claims] = lambda metadata: metadata
        self.signing = Signing.own
        self.methods = ["client_secret_basic"]
        self._codes: dict[str, Grant] = {}
        self.rotate()

    def rotate(self) -> None:
        """A new key; the old one is gone."""
        self._key = ECKey.generate_key("P-256", {"kid": secrets.token_hex(4), "use": "sig"})

    def _failing(self, fault: Fault) -> Response:
        if fault is Fault.throttled:
            return JSONResponse({"error": "slow_down"}, 429, {"Retry-After": "1"})
        return JSONResponse({"error": "server_error"}, 500)

    async def _describe(self, request: Request) -> Response:
        metadata = {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["ES256"],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": self.methods,
        }

        async def answer() -> Response:
            self._count("discovery")
            return JSONResponse(self.describe(metadata))

        return await self._under(self.query_faults, request, answer)

    async def _jwks(self, request: Request) -> Response:
        async def answer() -> Response:
            self._count("keys")
            return JSONResponse({"keys": [self._key.as_dict(private=False)]})

        return await self._under(self.query_faults, request, answer)

    async def _authorize(self, request: Request) -> Response:
        query = request.query_params
        wanted = {
            "client_id": self.client_id,
            "redirect_uri": self.redirect_uri,
            "response_type": "code",
            "code_challenge_method": "S256",
        }
        wrong = [name for name, value in wanted.items() if query.get(name) != value]
        if wrong or "openid" not in query.get("scope", "").split():
            # Never sent back: the address to send it to may be what is wrong.
            self._count("bad_request")
            return JSONResponse({"error": "invalid_request", "wrong": wrong}, 400)
        answer = {"state": query.get("state", ""), "iss": self.url}
        if self.person is None:
            self._count("access_denied")
            answer["error"] = "access_denied"
        else:
            grant = Grant(
                code=secrets.token_urlsafe(16),
                redirect_uri=query["redirect_uri"],
                nonce=query.get("nonce"),
                challenge=query["code_challenge"],
                person=self.person,
            )
            self._codes[grant.code] = grant
            answer["code"] = grant.code
        return RedirectResponse(f"{self.redirect_uri}?{urlencode(answer)}", 302)

    async def _token(self, request: Request) -> Response:
        form = {name: str(value) for name, value in (await request.form()).items()}
        return await self._under(self.faults, request, lambda: self._exchange(request, form))

    async def _exchange(self, request: Request, form: dict[str, str]) -> Response:
        if not self._is_client(request, form):
            return self._refuse("invalid_client", 401)
        grant = self._codes.pop(form.get("code", ""), None)
        challenge = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        if (
            grant is None
            or form.get("grant_type") != "authorization_code"
            or form.get("redirect_uri") != grant.redirect_uri
            or _base64(challenge) != grant.challenge
        ):
            return self._refuse("invalid_grant", 400)
        with self._changed:
            self._sent.append(grant)
        self._count("accepted")
        body = {"access_token": secrets.token_urlsafe(), "token_type": "Bearer", "expires_in": 300}
        return JSONResponse(body | {"id_token": self._signed(self.forge(self._claims(grant)))})

    def _is_client(self, request: Request, form: dict[str, str]) -> bool:
        given = (form.get("client_id", ""), form.get("client_secret", ""))
        if "client_secret_basic" in self.methods:
            kind, _, value = request.headers.get("authorization", "").partition(" ")
            if kind != "Basic":
                return False
            name, _, secret = base64.b64decode(value).decode().partition(":")
            # RFC 6749, 2.3.1: both are form-encoded before they are joined.
            given = (unquote_plus(name), unquote_plus(secret))
        return given == (self.client_id, self.client_secret)

    def _refuse(self, error: str, status: int) -> Response:
        self._count(error)
        return JSONResponse({"error": error}, status)

    def _claims(self, grant: Grant) -> Claims:
        now, person = int(time.time()), grant.person
        claims = {
            "iss": self.url,
            "aud": self.client_id,
            "sub": person.sub,
            "iat": now,
            "exp": now + 300,
            "name": person.name,
            "email": person.email,
            "email_verified": person.email_verified,
            "groups": list(person.groups),
        }
        return claims | ({"nonce": grant.nonce} if grant.nonce is not None else {})

    def _signed(self, claims: Claims) -> str:
        header = {"kid": self._key.kid}
        match self.signing:
            case Signing.own:
                return jwt.encode(header | {"alg": "ES256"}, claims, self._key)
            case Signing.other:
                other = ECKey.generate_key("P-256", {"kid": str(self._key.kid)})
                return jwt.encode(header | {"alg": "ES256"}, claims, other)
            case Signing.unsigned:
                return jwt.encode({"alg": "none"}, claims, OctKey.generate_key(), ["none"])
            case Signing.public:
                return self._shared(header, claims, self._key.as_pem(private=False))
            case Signing.client:
                return self._shared(header, claims, self.client_secret.encode())

    def _shared(self, header: Claims, claims: Claims, secret: bytes) -> str:
        """HS256 by hand: no library would take a public key for a secret."""
        parts = [header | {"alg": "HS256", "typ": "JWT"}, claims]
        signed = ".".join(_base64(json.dumps(part).encode()) for part in parts)
        return f"{signed}.{_base64(hmac.digest(secret, signed.encode(), 'sha256'))}"


def _base64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")
