"""Keys are named for what they are, read strictly, and never shown."""

from base64 import b64encode, urlsafe_b64decode, urlsafe_b64encode

import pytest
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, rsa, x25519
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)

from adapters.jwt.keys import Algorithm, PrivateHalf, generate, keys_of, private_half_of

# The key of RFC 8037, appendix A, and its thumbprint.
EXAMPLE = "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v_VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g"
EXAMPLE_X = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
EXAMPLE_ID = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"

AnyPrivateKey = PrivateHalf | rsa.RSAPrivateKey | dsa.DSAPrivateKey | ed448.Ed448PrivateKey | x25519.X25519PrivateKey


def line_of(private: AnyPrivateKey, encryption: KeySerializationEncryption | None = None) -> str:
    der = private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, encryption or NoEncryption())
    return urlsafe_b64encode(der).decode()


def der_of(line: str) -> bytes:
    return urlsafe_b64decode(line + "=" * (-len(line) % 4))


def test_a_key_is_named_by_its_thumbprint() -> None:
    [key] = keys_of(None, [EXAMPLE])

    assert key.published
    assert (key.id, key.published.x, key.published.y) == (EXAMPLE_ID, EXAMPLE_X, None)
    assert (key.published.type, key.published.curve, key.algorithm) == ("OKP", "Ed25519", "EdDSA")


@pytest.mark.parametrize("algorithm", Algorithm)
def test_a_generated_key_is_one_line_that_is_read_back_for_its_algorithm(algorithm: Algorithm) -> None:
    line = generate(algorithm)
    [key] = keys_of(None, [line])

    assert set(line).isdisjoint(" \n,=+/'\"$")
    assert key.algorithm == algorithm
    assert generate(algorithm) != line


@pytest.mark.parametrize("algorithm", Algorithm)
def test_padding_and_the_other_alphabet_of_base64_are_read_too(algorithm: Algorithm) -> None:
    line = generate(algorithm)

    assert keys_of(None, [b64encode(der_of(line)).decode()])[0].id == keys_of(None, [line])[0].id


def test_a_coordinate_keeps_its_leading_zeros() -> None:
    number = next(
        number
        for number in range(113, 10_000)
        if ec.derive_private_key(number, ec.SECP256R1()).public_key().public_numbers().x < 1 << 248
    )
    private = ec.derive_private_key(number, ec.SECP256R1())
    [key] = keys_of(None, [line_of(private)])

    assert key.published
    assert len(key.published.x) == len(key.published.y or "") == 43


UNUSABLE = {
    "nothing": "",
    "words": "not a key",
    "not ascii": "ключ",
    "cut short": EXAMPLE[:-4],
    "one letter too many": EXAMPLE + "A",
    "a public key": "MCowBQYDK2VwAyEA11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
    "pem": urlsafe_b64encode(b"-----BEGIN PRIVATE KEY-----\n").decode(),
    "rsa": line_of(rsa.generate_private_key(65537, 2048)),
    "another curve": line_of(ec.generate_private_key(ec.SECP384R1())),
    "a curve of bitcoin": line_of(ec.generate_private_key(ec.SECP256K1())),
    "ed448": line_of(ed448.Ed448PrivateKey.generate()),
    "for agreement only": line_of(x25519.X25519PrivateKey.generate()),
    "encrypted": line_of(ec.generate_private_key(ec.SECP256R1()), BestAvailableEncryption(b"password")),
}


@pytest.mark.parametrize("line", UNUSABLE.values(), ids=UNUSABLE)
def test_what_cannot_sign_is_refused_without_showing_it(line: str) -> None:
    with pytest.raises(ValueError, match=r"^key 2 is not base64url of an Ed25519 or P-256 key in PKCS#8 DER$") as wrong:
        keys_of(None, [EXAMPLE, line])

    assert wrong.value.__cause__ is None
    assert wrong.value.__context__ is None


def test_a_key_that_is_there_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="key 2 is there twice"):
        keys_of(None, [EXAMPLE, b64encode(der_of(EXAMPLE)).decode()])


@pytest.mark.parametrize(
    "keys", [keys_of("a shared secret " * 3, ()), keys_of(None, [EXAMPLE])], ids=["HS256", "EdDSA"]
)
def test_a_key_does_not_print_its_secret(keys: object) -> None:
    assert "shared" not in repr(keys)
    assert "PrivateKey" not in repr(keys)
    assert EXAMPLE not in repr(keys)


def test_the_line_is_what_other_programs_read() -> None:
    assert load_der_private_key(der_of(EXAMPLE), password=None)
    assert private_half_of(EXAMPLE)
