"""A real identity provider of a chain, for the tests: Authlib's server parts, its own people, login page and
keys. It misbehaves in one way at a time if it is told to.

    python -m tests.auth.provider HOST PORT
"""

import hmac
import json
import os
import sys
import time
from base64 import urlsafe_b64encode
from types import SimpleNamespace
from typing import Any

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import ClientMixin, OAuth2Error
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core.grants import OpenIDCode
from flask import Flask, Response, jsonify, request
from joserfc import jwt
from joserfc.jwk import KeySet, OctKey, RSAKey
from werkzeug.serving import make_server

CLIENT, SECRET = "shopbell-main", "s3cret-of_Main.Street"
PEOPLE = {"max@chain.example": "248289761001", "dee@chain.example": "dee|7", "eve@chain.example": "666"}
PASSWORD = "of the company"
LOGIN = """<!doctype html><title>Chain accounts</title><h1>Chain accounts</h1><form method="post">
<label>E-mail <input name="name"></label><label>Password <input name="password" type="password"></label>
<button>Sign in</button></form>"""


class Client(ClientMixin):
    """Shopbell, as the provider knows it."""

    client_id = CLIENT

    def get_client_id(self) -> str:
        return CLIENT

    def get_default_redirect_uri(self) -> None:
        return None

    def get_allowed_scope(self, scope: str) -> str:
        return "openid" if "openid" in scope.split() else ""

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uri.endswith("/setup/company/back")

    def check_client_secret(self, client_secret: str) -> bool:
        return client_secret == SECRET

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method == state["method"]

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "authorization_code"


class Grant(AuthorizationCodeGrant):
    """Codes that are good once."""

    TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_basic", "client_secret_post"]  # noqa: RUF012

    def save_authorization_code(self, code: str, request: Any) -> None:
        said = request.payload.data
        codes[code] = SimpleNamespace(
            code=code,
            user=request.user,
            nonce=said.get("nonce"),
            code_challenge=said.get("code_challenge"),
            code_challenge_method=said.get("code_challenge_method"),
            get_redirect_uri=lambda: request.payload.redirect_uri,
            get_scope=lambda: request.scope,
            get_nonce=lambda: said.get("nonce"),
            get_auth_time=lambda: int(time.time()),
            get_acr=lambda: None,
            get_amr=lambda: None,
        )

    def query_authorization_code(self, code: str, client: Client) -> Any:
        return codes.get(code)

    def delete_authorization_code(self, authorization_code: Any) -> None:
        del codes[authorization_code.code]

    def authenticate_user(self, authorization_code: Any) -> Any:
        return authorization_code.user


class Proof(OpenIDCode):
    """The ID token; with a fault if one was ordered."""

    def exists_nonce(self, nonce: str, request: Any) -> bool:
        return any(code.nonce == nonce for code in codes.values())

    def get_client_claims(self, client: Client) -> dict[str, Any]:
        return {"iss": state["issuer"]}

    def generate_user_info(self, user: Any, scope: str) -> dict[str, str]:
        return {"sub": user}

    def resolve_client_private_key(self, client: Client) -> Any:
        return keys

    def get_encode_header(self, client: Client) -> dict[str, str]:
        return {"alg": "RS256", "kid": keys.keys[0].kid or ""}

    def encode_id_token(self, token: Any, request: Any) -> str:
        made: str = super().encode_id_token(token, request)
        change = FAULTS.get(state["fault"])
        return change(jwt.decode(made, keys).claims) if change else made


state: dict[str, str] = {"fault": "", "method": "client_secret_basic", "issuer": ""}
codes: dict[str, Any] = {}
keys = KeySet([RSAKey.generate_key(2048, {"use": "sig"}, auto_kid=True)])
foreign = KeySet([RSAKey.generate_key(2048, auto_kid=True)])


def _signed(claims: dict[str, Any], **header: str) -> str:
    return jwt.encode({"alg": "RS256", "kid": keys.keys[0].kid, **header}, claims, keys)


def _by_public_key(claims: dict[str, Any]) -> str:
    """Signed as HS256, with the public key that everyone can read as the secret."""
    parts = ({"alg": "HS256", "kid": keys.keys[0].kid}, claims)
    said = b".".join(_encoded(json.dumps(part).encode()) for part in parts)
    mac = hmac.digest(keys.keys[0].as_pem(private=False), said, "sha256")  # type: ignore[union-attr]
    return b".".join((said, _encoded(mac))).decode()


def _encoded(part: bytes) -> bytes:
    return urlsafe_b64encode(part).rstrip(b"=")


def _by_anyone(claims: dict[str, Any]) -> str:
    """By another key, which the header hands over, or says where to get."""
    header = {"alg": "RS256", "kid": keys.keys[0].kid, "jwk": foreign.keys[0].as_dict(private=False)}
    return jwt.encode(header, claims, foreign.keys[0])


FAULTS: dict[str, Any] = {
    "nonce": lambda claims: _signed(claims | {"nonce": "another"}),
    "no nonce": lambda claims: _signed({k: v for k, v in claims.items() if k != "nonce"}),
    "audience": lambda claims: _signed(claims | {"aud": ["somebody else"]}),
    "given to another": lambda claims: _signed(claims | {"aud": [CLIENT, "other"], "azp": "other"}),
    "given to nobody": lambda claims: _signed(claims | {"aud": [CLIENT, "other"]}),
    "expired": lambda claims: _signed(claims | {"iat": claims["iat"] - 7200, "exp": claims["iat"] - 3600}),
    "never expires": lambda claims: _signed({k: v for k, v in claims.items() if k != "exp"}),
    "of tomorrow": lambda claims: _signed(claims | {"iat": claims["iat"] + 86400}),
    "issuer": lambda claims: _signed(claims | {"iss": "https://accounts.other.example"}),
    "nobody": lambda claims: _signed({k: v for k, v in claims.items() if k != "sub"}),
    "no text": lambda claims: _signed(claims | {"sub": ["248289761001"]}),
    "none": lambda claims: jwt.encode({"alg": "none"}, claims, OctKey.import_key("x" * 32), ["none"]),
    "HS256 by the public key": _by_public_key,
    "by a key in its header": _by_anyone,
    "unknown key": lambda claims: jwt.encode({"alg": "RS256", "kid": "new"}, claims, foreign.keys[0]),
    "no token": lambda claims: "",
    "garbage": lambda claims: "a.b.c",
}


def application(issuer: str) -> Flask:
    """The provider, to be served at this address."""
    app, state["issuer"] = Flask(__name__), issuer
    server = AuthorizationServer(app, lambda client_id: Client() if client_id == CLIENT else None, _forget)
    server.register_grant(Grant, [Proof(require_nonce=True), CodeChallenge(required=True)])

    @app.get("/.well-known/openid-configuration")
    def configuration() -> Response:
        endpoints = {
            "authorization_endpoint": f"{issuer}/authorize",
            "token_endpoint": f"{issuer}/token",
            "jwks_uri": f"{issuer}/keys",
        }
        said = {"issuer": issuer, **endpoints, **DOCUMENTS.get(state["fault"], {})}
        if "inside" in state:
            said["token_endpoint"] = state["inside"]
        return jsonify(said | {"token_endpoint_auth_methods_supported": [state["method"]]})

    @app.get("/keys")
    def public() -> Response:
        return jsonify(keys.as_dict(private=False))

    @app.route("/authorize", methods=["GET", "POST"])
    def authorize() -> Any:
        if request.method == "GET":
            try:
                server.get_consent_grant(end_user=None)
            except OAuth2Error as error:
                return jsonify(dict(error.get_body())), 400
            return LOGIN
        subject = PEOPLE.get(request.form["name"]) if request.form["password"] == PASSWORD else None
        return server.create_authorization_response(grant_user=subject)

    @app.post("/token")
    def token() -> Any:
        if state["fault"] in ANSWERS:
            return ANSWERS[state["fault"]]
        return server.create_token_response()

    @app.post("/order")
    def order() -> Response:
        state.clear()
        state.update(issuer=issuer, fault="", method="client_secret_basic")
        state.update(request.form.to_dict())
        return Response(status=204)

    return app


def _forget(*token: object) -> None:
    """No access is given to anything, so there is no token to keep."""


DOCUMENTS = {
    "another's document": {"issuer": "https://accounts.other.example"},
    "token inside": {"token_endpoint": "http://127.0.0.1:9/token"},
    "plain http": {"token_endpoint": "http://accounts.example.com/token"},
}
ANSWERS: dict[str, Any] = {
    "redirect": ("", 302, {"Location": "http://127.0.0.1:9/"}),
    "fault": ("no", 500),
    "endless": ("x" * 2**20, 200),
    "no object": ("[]", 200),
}


if __name__ == "__main__":
    os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"  # it is on loopback
    HOST, PORT = sys.argv[1:]
    made = make_server("127.0.0.1", int(PORT), application(f"http://{HOST}:{PORT}"), threaded=True)
    made.serve_forever()
