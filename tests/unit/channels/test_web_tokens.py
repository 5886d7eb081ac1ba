"""Whose a bearer token is, and which ones are nobody's."""

from __future__ import annotations

import base64
import json
import warnings
from typing import Any

import httpx2
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jws, jwt
from joserfc.jwk import ECKey, OctKey, RSAKey

from repartee.channels.web.bearer_tokens import MAX_VERIFIED_TOKENS, BearerTokens, _Subject
from repartee.channels.web.jwks import Jwks
from repartee.errors import Unauthorized, Unavailable
from repartee.privacy.identifiers import HASHED_ID, IdentifierHasher
from standins.oidc.server import AUDIENCE, OidcStandIn

NOW = 1_789_000_000.0


class Issuer(httpx2.BaseTransport):
    """The way to the issuer, which may be down or publish nonsense."""

    def __init__(self, standin: OidcStandIn) -> None:
        self.standin = standin
        self.down = False
        self.also: list[dict[str, Any]] = []
        self.body = b""

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        if self.down:
            raise httpx2.ConnectError("down")
        published = self.standin.published_keys()
        published["keys"] = self.also + published["keys"]
        return httpx2.Response(200, content=self.body or json.dumps(published).encode())


class World:
    """An issuer, and who verifies its tokens."""

    def __init__(self, issuer: str = "") -> None:
        self.now = NOW
        self.issuer = OidcStandIn(self.clock)
        self.way = Issuer(self.issuer)
        keys = Jwks("https://issuer.example.com/jwks.json", self.clock, self.way)
        self.tokens = BearerTokens(keys, AUDIENCE, self.clock, IdentifierHasher("a key for tests"), issuer)

    def clock(self) -> float:
        return self.now

    def person(self, token: str) -> str:
        return self.tokens.verify_person(f"Bearer {token}")

    def refused(self, token: str) -> str:
        with pytest.raises(Unauthorized) as refusal:
            self.person(token)
        return str(refusal.value)


@pytest.fixture
def world() -> World:
    return World()


def test_a_token_says_who_it_is(world: World) -> None:
    """A token of the issuer for this audience is its subject's."""
    assert world.person(world.issuer.issue_token("ada")) == "ada"
    assert world.person(world.issuer.issue_token("ada", aud=["other", AUDIENCE])) == "ada"
    assert world.tokens.verify_person(f"bearer {world.issuer.issue_token('ben')}") == "ben"


@pytest.mark.parametrize(
    "sub, person",
    [("auth0|1:2", "auth0%7C1%3A2"), ("a#b", "a%23b")],
)
def test_a_name_cannot_reach_beyond_itself(world: World, sub: str, person: str) -> None:
    """Whatever a subject is called, it is one part of a chat's name, and no two have the same."""
    assert world.person(world.issuer.issue_token(sub)) == person


@pytest.mark.parametrize("sub", ["ada@example.com", "+49 170 1234567", "tel:+491701234567", "351910000001"])
def test_a_subject_that_is_an_address_or_a_number_is_hashed(world: World, sub: str) -> None:
    """Its person is always the same, and the subject can not be told from it."""
    person = world.person(world.issuer.issue_token(sub))

    assert HASHED_ID.fullmatch(person)
    assert world.person(world.issuer.issue_token(sub)) == person


@pytest.mark.parametrize(
    "sub",
    [
        "ada",
        "auth0.507f1f77bcf86cd799439011",
        "103547991597142817347",
        "550e8400-e29b-41d4-a716-446655440000",
    ],
)
def test_an_opaque_subject_stays_as_it_is(world: World, sub: str) -> None:
    """What the versions before stored under it is found."""
    assert world.person(world.issuer.issue_token(sub)) == sub


def test_a_subject_in_the_form_of_a_hash_takes_nobodys_place(world: World) -> None:
    """It is hashed itself."""
    ada = world.person(world.issuer.issue_token("ada@example.com"))

    assert world.person(world.issuer.issue_token(ada)) != ada


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Basic YWRhOmFkYQ==", "Bearer a b", "Bearer \u00e9"]
)
def test_no_token(world: World, header: str) -> None:
    """Without a bearer token there is nobody."""
    with pytest.raises(Unauthorized):
        world.tokens.verify_person(header)


@pytest.mark.parametrize(
    "claims, reason",
    [
        ({"exp": NOW - 61}, "the token has expired"),
        ({"exp": None}, "the token's exp is missing or not accepted"),
        ({"exp": "tomorrow"}, "the token's exp is missing or not accepted"),
        ({"nbf": NOW + 61}, "the token's nbf is missing or not accepted"),
        ({"aud": "somebody-else"}, "the token's aud is missing or not accepted"),
        ({"aud": None}, "the token's aud is missing or not accepted"),
        ({"aud": [1]}, "the token's aud is missing or not accepted"),
        ({"sub": None}, "the token's sub is missing or not accepted"),
        ({"sub": ""}, "the token's sub is missing or not accepted"),
        ({"sub": 7}, "the token's sub is missing or not accepted"),
        ({"sub": "a" * 256}, "the token's sub is too long"),
    ],
)
def test_claims_that_are_not_accepted(world: World, claims: dict[str, Any], reason: str) -> None:
    """What a token says must be right, and the refusal says what is not, without quoting it."""
    assert world.refused(world.issuer.issue_token(**claims)) == reason


def test_clocks_may_differ_a_little(world: World) -> None:
    """An issuer whose clock is a minute off is believed."""
    assert world.person(world.issuer.issue_token(exp=NOW - 59)) == "ada"
    assert world.person(world.issuer.issue_token(nbf=NOW + 59)) == "ada"


def test_forged_tokens(world: World) -> None:
    """Signed by another key, by nobody, or with the public key as a secret: all are refused."""
    claims = {"sub": "ada", "aud": AUDIENCE, "exp": NOW + 60}
    (published,) = world.issuer.published_keys()["keys"]
    kid = published["kid"]
    other = ECKey.generate_key("P-256")
    public_as_secret = OctKey.import_key(json.dumps(published).encode().ljust(64, b"="))
    head, payload, signature = world.issuer.issue_token().split(".")
    forged = [
        jwt.encode({"alg": "ES256", "kid": kid}, claims, other),
        jwt.encode({"alg": "HS256", "kid": kid}, claims, public_as_secret),
        f"{_part({'alg': 'none', 'kid': kid})}.{_part(claims)}.",
        f"{_part({'alg': 'none'})}.{_part(claims)}.",
        f"{head}.{_part(claims | {'sub': 'root'})}.{signature}",
        f"{head}.{payload}.",
        f"{head}.{payload}",
        "...",
        f"{_part({'alg': 'ES256', 'kid': kid, 'crit': ['x'], 'x': 1})}.{payload}.{signature}",
    ]

    assert {world.refused(token) for token in forged} == {"the token is not signed by whom we trust"}


def test_algorithms_are_ours_to_choose(world: World) -> None:
    """A key of the issuer's does not make an algorithm acceptable that is not among ours."""
    key = RSAKey.generate_key(2048, {"use": "sig"}, auto_kid=True)
    secret = OctKey.generate_key(256, auto_kid=True)
    world.way.also = [dict(key.as_dict(private=False)), dict(secret.as_dict(private=True))]
    claims = {"sub": "ada", "aud": AUDIENCE, "exp": NOW + 60}

    assert world.person(jwt.encode({"alg": "RS256", "kid": key.kid}, claims, key)) == "ada"
    rs512 = jwt.encode({"alg": "RS512", "kid": key.kid}, claims, key, algorithms=["RS512"])
    hs256 = jwt.encode({"alg": "HS256", "kid": secret.kid}, claims, secret)
    assert world.refused(rs512) == world.refused(hs256) == "the token is not signed by whom we trust"


def test_a_subject_of_half_a_character_is_nobody(world: World) -> None:
    """JSON can hold half of a surrogate pair: the answer is 401, and no failure of ours."""
    claims = json.dumps({"sub": "a\ud800", "aud": AUDIENCE, "exp": NOW + 60}).encode()
    key = world.issuer._keys[-1]
    token = jws.serialize_compact({"alg": "ES256", "kid": key.kid}, claims, key)

    assert world.refused(token) == "the token's sub is not a text"
    assert Unauthorized.status == 401


@pytest.mark.parametrize("bits", [1024, 2040])
def test_short_rsa_keys_verify_nothing(world: World, bits: int) -> None:
    """An attacker who factors the issuer's forgotten key is nobody; its other keys stand."""
    private = rsa.generate_private_key(public_exponent=65537, key_size=bits)
    pem = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        key = RSAKey.import_key(pem, {"use": "sig", "kid": "short"})
    world.way.also = [dict(key.as_dict(private=False))]
    claims = {"sub": "ada", "aud": AUDIENCE, "exp": NOW + 60}
    token = f"{_part({'alg': 'RS256', 'kid': 'short'})}.{_part(claims)}"
    signature = private.sign(token.encode(), PKCS1v15(), SHA256())

    encoded = base64.urlsafe_b64encode(signature).decode().rstrip("=")
    assert world.refused(f"{token}.{encoded}") == "the token is not signed by whom we trust"
    assert world.person(world.issuer.issue_token("ada")) == "ada"


def test_a_new_key_is_found(world: World) -> None:
    """A token that names a key which is not known yet makes the keys be read again, once a minute at most."""
    world.person(world.issuer.issue_token())
    world.now += 61
    world.issuer.rotate_keys()

    assert world.person(world.issuer.issue_token()) == "ada"

    world.issuer.rotate_keys()
    asked = world.issuer.asked
    for _ in range(5):
        world.refused(world.issuer.issue_token())
    assert world.issuer.asked == asked
    world.now += 61
    assert world.person(world.issuer.issue_token()) == "ada"


def test_keys_are_read_once_an_hour(world: World) -> None:
    """The issuer is asked once, and an hour later again."""
    for _ in range(3):
        world.person(world.issuer.issue_token())
    assert world.issuer.asked == 1

    world.now += 3601
    world.person(world.issuer.issue_token())

    assert world.issuer.asked == 2


def test_an_issuer_that_is_down(world: World) -> None:
    """Without any keys it cannot be known whose a token is; keys that are known stand."""
    token = world.issuer.issue_token()
    world.way.down = True
    with pytest.raises(Unavailable):
        world.person(token)

    world.way.down = False
    assert world.person(token) == "ada"

    world.now += 3601
    world.way.down = True
    assert world.person(token) == "ada"


@pytest.mark.parametrize("body", [b"<html>", b"[]", b'{"keys": "none"}', b'{"keys": [1]}'])
def test_an_issuer_that_publishes_nonsense(world: World, body: bytes) -> None:
    """What is no set of keys is the issuer's fault, and not that of who sends a token."""
    world.way.body = body

    with pytest.raises(Unavailable):
        world.person(world.issuer.issue_token())


def test_keys_that_we_do_not_know_are_passed_over(world: World) -> None:
    """A key of another kind, or a broken one, does not keep the others from being used."""
    world.way.also = [{"kty": "AKP", "kid": "pq"}, {"kty": "EC", "crv": "P-256"}, {"kty": "RSA", "n": 5}, {}]

    assert world.person(world.issuer.issue_token()) == "ada"


def _part(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def test_an_issuer_that_is_named_is_held_to() -> None:
    """Where several share their keys, the others' tokens are nobody's."""
    world = World(issuer="local-standin")

    assert world.person(world.issuer.issue_token("ada")) == "ada"
    for other in ("https://else.example.com", None):
        assert (
            world.refused(world.issuer.issue_token("ada", iss=other))
            == "the token's iss is missing or not accepted"
        )


def test_a_token_is_verified_once_a_request(world: World) -> None:
    """It is asked for twice; a second later it may have expired."""
    token = world.issuer.issue_token("ada", exp=int(NOW) - 59)
    assert world.person(token) == "ada"
    world.now += 0.5
    assert world.person(token) == "ada"

    world.now += 1.0

    assert world.refused(token) == "the token has expired"


def test_few_tokens_are_known_at_once(world: World) -> None:
    """However many come within a second."""
    for number in range(MAX_VERIFIED_TOKENS + 5):
        world.tokens._known[f"Bearer {number}"] = _Subject(str(number), ""), NOW + 1

    world.person(world.issuer.issue_token("ada"))

    assert len(world.tokens._known) == 1
