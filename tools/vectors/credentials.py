"""Tokens with what a server that has certain keys answers, and files of keys that no server takes."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from cryptography.hazmat.primitives.hashes import SHA384, SHA512

from vectors.signing import (
    ED,
    OTHER_ED,
    OTHER_P256,
    P256,
    P384,
    RSA,
    SECRET,
    by_ec,
    by_ec_der,
    by_rsa,
    by_secret,
    der,
    jwk,
    of_type,
    part,
    pem,
    pkcs1,
    token,
)

Json = dict[str, Any]
Sign = Callable[[bytes], bytes]

FAR, PAST = 2**33, 1
"""Seconds: an end that no test comes to, and one that is over."""
CLAIMS: Json = {"sub": "ann", "exp": FAR, "perm": ["post"]}
FORGED = "https://keys.invalid/jwks.json"
R, E, D = "rsa-1", "ec-1", "ed-1"
SEVERAL: list[Json] = [
    jwk(RSA, R, alg="RS256", use="sig"),
    jwk(P256, E, alg="ES256"),
    jwk(ED, D, key_ops=["verify"]),
]
FILES = {
    "several.json": json.dumps({"keys": SEVERAL}, indent=1),
    "one.json": json.dumps({"keys": [SEVERAL[2]]}, indent=1),
    "2026-11.pem": pem(RSA),
    "2026-12.pem": pem(P256),
    "ed.pem": pem(ED),
}
SETS: dict[str, Json] = {
    "secret": {"secret": SECRET, "files": []},
    "several": {"secret": None, "files": ["several.json"]},
    "secret and several": {"secret": SECRET, "files": ["several.json"]},
    "one": {"secret": None, "files": ["one.json"]},
    "pem": {"secret": None, "files": ["2026-11.pem", "2026-12.pem", "ed.pem"]},
    "audience": {"secret": SECRET, "files": [], "audience": "sessions", "issuer": "https://login"},
}


def _row(name: str, keys: str, code: int | None, text: str) -> Json:
    return {"name": name, "set": keys, "code": code, "token": text}


def _right() -> list[Json]:
    rs, es, ed, hs = by_rsa(RSA), by_ec(P256), ED.sign, by_secret(SECRET)
    rows = [
        _row("the secret", "secret", None, token(hs, {"alg": "HS256"}, CLAIMS)),
        _row(
            "a secret has no name", "secret", None, token(hs, {"alg": "HS256", "kid": "x"}, CLAIMS)
        ),
        _row("no kid, one key", "one", None, token(ed, {"alg": "EdDSA"}, CLAIMS)),
        _row("its kid, one key", "one", None, token(ed, {"alg": "EdDSA", "kid": D}, CLAIMS)),
        _row(
            "no kid, a secret beside keys",
            "secret and several",
            None,
            token(hs, {"alg": "HS256"}, CLAIMS),
        ),
    ]
    for alg, kid, sign in (("RS256", R, rs), ("ES256", E, es), ("EdDSA", D, ed)):
        header = {"typ": "JWT", "alg": alg, "kid": kid}
        rows += [
            _row(f"{alg} by its kid, {keys}", keys, None, token(sign, header, CLAIMS))
            for keys in ("several", "secret and several")
        ]
    for alg, kid, sign in (("RS256", "2026-11", rs), ("ES256", "2026-12", es), ("EdDSA", "ed", ed)):
        made = token(sign, {"alg": alg, "kid": kid}, CLAIMS)
        rows.append(_row(f"{alg} by the name of its file", "pem", None, made))
    return rows


def _none() -> list[Json]:
    rows: list[Json] = []
    for alg in ("none", "None", "NONE", "nOnE", ""):
        for keys, kid in (("secret", None), ("several", R), ("one", None)):
            header = {"alg": alg, **({"kid": kid} if kid else {})}
            made = token(lambda _: b"", header, CLAIMS)
            rows.append(_row(f"alg {alg!r}, no signature, {keys}", keys, 4010, made))
    made = token(by_secret(SECRET), {"alg": "none"}, CLAIMS)
    rows.append(_row("alg none over a right signature", "secret", 4010, made))
    made = token(by_secret(SECRET), {"typ": "JWT"}, CLAIMS)
    rows.append(_row("no alg", "secret", 4010, made))
    return rows


def _confused() -> list[Json]:
    """One key's signature where another algorithm is the key's."""
    rows: list[Json] = []
    publics: dict[str, str | bytes] = {
        "PEM": pem(RSA),
        "PEM without its last line end": pem(RSA).strip(),
        "DER": der(RSA),
        "n": SEVERAL[0]["n"],
        "JWK": json.dumps(SEVERAL[0], separators=(",", ":")),
        "nothing": "",
    }
    for what, public in publics.items():
        sign = by_secret(public)
        for keys in ("several", "secret and several"):
            made = token(sign, {"alg": "HS256", "kid": R}, CLAIMS)
            rows.append(_row(f"HS256, the RSA key as secret: {what}, {keys}", keys, 4010, made))
    for kid, key in ((E, P256), (D, ED)):
        made = token(by_secret(pem(key)), {"alg": "HS256", "kid": kid}, CLAIMS)
        rows.append(_row(f"HS256, the key {kid} as secret", "several", 4010, made))
    made = token(by_secret(pem(ED)), {"alg": "HS256"}, CLAIMS)
    rows.append(_row("HS256, the only key as secret, no kid", "one", 4010, made))
    made = token(by_secret(SECRET), {"alg": "HS256", "kid": R}, CLAIMS)
    rows.append(_row("HS256 by the secret, kid of a key", "secret and several", 4010, made))
    wrong: tuple[tuple[str, str, str, Sign], ...] = (
        ("RS256 with the kid of an EC key", "RS256", E, by_rsa(RSA)),
        ("ES256 with the kid of an RSA key", "ES256", R, by_ec(P256)),
        ("EdDSA with the kid of an EC key", "EdDSA", E, ED.sign),
        ("ES256 with the kid of an Ed25519 key", "ES256", D, by_ec(P256)),
        ("alg of the key, signed with another key's algorithm", "RS256", R, by_ec(P256)),
        ("another EC key", "ES256", E, by_ec(OTHER_P256)),
        ("another Ed25519 key", "EdDSA", D, OTHER_ED.sign),
        ("wrong curve under ES256", "ES256", E, by_ec(P384)),
        ("wrong curve, ES384", "ES384", E, by_ec(P384, SHA384())),
        ("RS384", "RS384", R, by_rsa(RSA, SHA384())),
        ("RS512", "RS512", R, by_rsa(RSA, SHA512())),
        ("RS512 under RS256", "RS256", R, by_rsa(RSA, SHA512())),
        ("alg in small letters", "rs256", R, by_rsa(RSA)),
        ("an ES256 signature in DER", "ES256", E, by_ec_der(P256)),
        ("an ES256 signature of zeros", "ES256", E, lambda _: bytes(64)),
        ("an EdDSA signature of zeros", "EdDSA", D, lambda _: bytes(64)),
        ("an RS256 signature of zeros", "RS256", R, lambda _: bytes(256)),
        ("no signature", "RS256", R, lambda _: b""),
    )
    for name, alg, kid, sign in wrong:
        made = token(sign, {"alg": alg, "kid": kid}, CLAIMS)
        rows.append(_row(name, "several", 4010, made))
    for alg, digest in (("HS384", "sha384"), ("HS512", "sha512")):
        made = token(by_secret(SECRET, digest), {"alg": alg}, CLAIMS)
        rows.append(_row(f"{alg} by the secret", "secret", 4010, made))
    return rows


def _names() -> list[Json]:
    """What a kid says that is none of the keys'."""
    rs, ed = by_rsa(RSA), ED.sign
    rows = [
        _row("no kid, several keys", "several", 4010, token(rs, {"alg": "RS256"}, CLAIMS)),
        _row("no kid, PEM files", "pem", 4010, token(rs, {"alg": "RS256"}, CLAIMS)),
        _row(
            "no kid, RS256, a secret beside keys",
            "secret and several",
            4010,
            token(rs, {"alg": "RS256"}, CLAIMS),
        ),
        _row(
            "unknown kid, HS256, a secret beside keys",
            "secret and several",
            4010,
            token(by_secret(SECRET), {"alg": "HS256", "kid": "x"}, CLAIMS),
        ),
        _row("another kid, one key", "one", 4010, token(ed, {"alg": "EdDSA", "kid": E}, CLAIMS)),
        _row(
            "the file as kid",
            "pem",
            4010,
            token(rs, {"alg": "RS256", "kid": "2026-11.pem"}, CLAIMS),
        ),
    ]
    for kid in ("rsa-2", "RSA-1", "rsa-1 ", "", "../several.json", None, 5, True, [R], {"kid": R}):
        made = token(rs, {"alg": "RS256", "kid": kid}, CLAIMS)
        rows.append(_row(f"kid {json.dumps(kid)}", "several", 4010, made))
    for kid in (None, 5, [D]):
        made = token(ed, {"alg": "EdDSA", "kid": kid}, CLAIMS)
        rows.append(_row(f"kid {json.dumps(kid)}, one key", "one", 4010, made))
    return rows


def _brought() -> list[Json]:
    """Keys that the token brings, and a header that has to be understood."""
    own, other = by_ec(P256), by_ec(OTHER_P256)
    brings: dict[str, Any] = {
        "jwk": jwk(OTHER_P256, E),
        "jku": FORGED,
        "x5u": FORGED,
        "x5c": [part(der(OTHER_P256))],
    }
    rows: list[Json] = []
    for name, value in brings.items():
        for who, sign in (("another key", other), ("the right key", own)):
            made = token(sign, {"alg": "ES256", "kid": E, name: value}, CLAIMS)
            rows.append(_row(f"{name} in the header, signed by {who}", "several", 4010, made))
    secret = {"kty": "oct", "k": part(b"x" * 32)}
    made = token(by_secret(b"x" * 32), {"alg": "HS256", "jwk": secret}, CLAIMS)
    rows.append(_row("a secret in the header", "secret", 4010, made))
    made = token(own, {"alg": "ES256", "kid": E, "crit": ["exp"]}, CLAIMS)
    rows.append(_row("crit", "several", 4010, made))
    return rows


def _claims() -> list[Json]:
    sign, header = by_rsa(RSA), {"alg": "RS256", "kid": R}
    changed: tuple[tuple[str, int | None, Json], ...] = (
        ("expired", 4011, {"exp": PAST}),
        ("of another user", 4031, {"sub": "bob"}),
        ("expired, and of another user", 4011, {"exp": PAST, "sub": "bob"}),
        ("nbf in the future", 4010, {"nbf": FAR}),
        ("iat in the future", 4010, {"iat": FAR}),
        ("expired, nbf in the future", 4010, {"exp": PAST, "nbf": FAR}),
        ("no end", 4010, {"exp": None}),
        ("no user", 4010, {"sub": None}),
        ("an audience that nobody asked for", None, {"aud": "elsewhere"}),
    )
    rows = [
        _row(name, "several", code, token(sign, header, {**CLAIMS, **change}))
        for name, code, change in changed
    ]
    good = {"aud": "sessions", "iss": "https://login"}
    asked: tuple[tuple[str, int | None, Json], ...] = (
        ("audience and issuer", None, good),
        ("one audience of several", None, {**good, "aud": ["elsewhere", "sessions"]}),
        ("another audience", 4010, {**good, "aud": "elsewhere"}),
        ("audiences without this", 4010, {**good, "aud": ["elsewhere", "sessions2"]}),
        ("an audience that begins alike", 4010, {**good, "aud": "sessions2"}),
        ("no audience", 4010, {"iss": "https://login"}),
        ("an audience that is no text", 4010, {**good, "aud": {"sessions": True}}),
        ("another issuer", 4010, {**good, "iss": "https://login/"}),
        ("no issuer", 4010, {"aud": "sessions"}),
        ("issuers in a list", 4010, {**good, "iss": ["https://login"]}),
        ("another audience, expired", 4010, {**good, "aud": "elsewhere", "exp": PAST}),
    )
    hs = by_secret(SECRET)
    rows += [
        _row(name, "audience", code, token(hs, {"alg": "HS256"}, {**CLAIMS, **change}))
        for name, code, change in asked
    ]
    return rows


def _refused() -> list[Json]:
    """Files of keys with which no server starts."""
    short = {"kty": "RSA", "kid": R, "n": part(b"\xc1" * 128), "e": "AQAB"}
    listed: tuple[tuple[str, Any], ...] = (
        ("a secret among public keys", [{"kty": "oct", "kid": "s", "k": part(b"x" * 32)}]),
        ("a private key", [{**SEVERAL[2], "d": part(b"\7" * 32)}]),
        ("a key for encryption", [{**SEVERAL[0], "use": "enc"}]),
        ("a key that does not verify", [{**SEVERAL[2], "key_ops": ["sign"]}]),
        ("a kid twice", [SEVERAL[0], {**SEVERAL[1], "kid": R}]),
        ("no kid", [{name: value for name, value in SEVERAL[0].items() if name != "kid"}]),
        ("a kid that is no text", [{**SEVERAL[0], "kid": 5}]),
        ("an empty kid", [{**SEVERAL[0], "kid": ""}]),
        ("RSA below 2048 bits", [short]),
        ("another curve", [jwk(P384, E)]),
        ("an algorithm of another type", [{**SEVERAL[1], "alg": "RS256"}]),
        ("an algorithm that is not taken", [{**SEVERAL[0], "alg": "PS256"}]),
        ("a point that is not on its curve", [{**SEVERAL[1], "y": SEVERAL[1]["x"]}]),
        ("a key without its number", [{"kty": "RSA", "kid": R, "e": "AQAB"}]),
        ("an unknown type", [{"kty": "AKP", "kid": "pq", "pub": "AQAB"}]),
        ("no key", []),
        ("a key that is none", ["rsa-1"]),
    )
    rows = [
        {"name": name, "files": {"keys.json": json.dumps({"keys": keys}, indent=1)}}
        for name, keys in listed
    ]
    broken = {
        "a single key, not a list of them": json.dumps(SEVERAL[0]),
        "keys that are no list": json.dumps({"keys": SEVERAL[0]}),
        "no JSON": "{",
        "neither JSON nor PEM": "rsa-1",
        "nothing": "",
    }
    rows += [{"name": name, "files": {"keys.json": text}} for name, text in broken.items()]
    frame = "-----{} PUBLIC KEY-----\n"
    private = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"
    rows += [
        {"name": "a PEM with a private key", "files": {"keys.pem": private}},
        {
            "name": "a PEM that is broken",
            "files": {"keys.pem": frame.format("BEGIN") + "AAAA\n" + frame.format("END")},
        },
        {"name": "a PEM with two keys", "files": {"keys.pem": pem(RSA) + pem(P256)}},
        {"name": "a PEM with another curve", "files": {"keys.pem": pem(P384)}},
        {"name": "a PEM with RSA in PKCS#1", "files": {"keys.pem": pkcs1(RSA)}},
        {"name": "a PEM of another type", "files": {"keys.pem": of_type("EC PUBLIC KEY", P256)}},
        {
            "name": "a PEM of the type of PKCS#1, which it is not",
            "files": {"keys.pem": of_type("RSA PUBLIC KEY", RSA)},
        },
        {"name": "a PEM whose file is named by an ending alone", "files": {".pem": pem(ED)}},
        {
            "name": "a kid twice, in two files",
            "files": {"ed-1.pem": pem(OTHER_ED), "one.json": FILES["one.json"]},
        },
    ]
    return rows


def credentials() -> str:
    """The text of the file: members of one line each."""
    tokens = [*_right(), *_none(), *_confused(), *_names(), *_brought(), *_claims()]
    lists: dict[str, Any] = {"tokens": tokens, "refused_files": _refused()}
    maps: dict[str, Any] = {"files": FILES, "sets": SETS}
    blocks = ['"user": "ann"']
    for name, members in maps.items():
        rows = ",\n".join(f"{json.dumps(key)}: {json.dumps(one)}" for key, one in members.items())
        blocks.append(f'"{name}": {{\n{rows}\n}}')
    for name, some in lists.items():
        rows = ",\n".join(json.dumps(one, ensure_ascii=False) for one in some)
        blocks.append(f'"{name}": [\n{rows}\n]')
    return "{\n" + ",\n".join(blocks) + "\n}\n"
