"""The ceremonies of WebAuthn as its library knows them. Imported at the first passkey: it brings 13 MB along."""

import binascii
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

import webauthn
from webauthn.helpers import (
    parse_authentication_credential_json,
    parse_client_data_json,
    parse_registration_credential_json,
)
from webauthn.helpers.cose import COSEAlgorithmIdentifier as Algorithm
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticationCredential,
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    RegistrationCredential,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

Options = dict[str, Any]
ALGORITHMS = [Algorithm.ECDSA_SHA_256, Algorithm.RSASSA_PKCS1_v1_5_SHA_256, Algorithm.EDDSA]
# What a malformed answer of a browser, or of somebody who is none, can bring about in the parsers.
MALFORMED = (WebAuthnException, ValueError, TypeError, KeyError, IndexError, AttributeError, binascii.Error,
             RecursionError, OverflowError)  # fmt: skip


class Site(Protocol):
    """Whom a passkey is for."""

    @property
    def rp_id(self) -> str:
        """The host."""

    @property
    def origins(self) -> list[str]:
        """The addresses it is reached at."""


@dataclass(frozen=True)
class Asked:
    """A challenge, how many milliseconds it is good for, and the ids of the passkeys that are known."""

    challenge: bytes
    timeout: int
    known: list[bytes]

    @property
    def credentials(self) -> list[PublicKeyCredentialDescriptor]:
        """The known ones, as the library wants them."""
        return [PublicKeyCredentialDescriptor(id=name) for name in self.known]


class Malformed(ValueError):
    """An answer that no authenticator of ours has given."""


def to_prove(site: Site, asked: Asked) -> Options:
    """What a browser needs to sign a challenge with a known passkey."""
    return _json(webauthn.generate_authentication_options(
        rp_id=site.rp_id, challenge=asked.challenge, timeout=asked.timeout, allow_credentials=asked.credentials,
        user_verification=UserVerificationRequirement.REQUIRED,
    ))  # fmt: skip


def to_make(site: Site, asked: Asked, whose: bytes, name: str) -> Options:
    """What a browser needs to make a new passkey."""
    return _json(webauthn.generate_registration_options(
        rp_id=site.rp_id, rp_name="守望 Shouwang", user_name=name, user_id=whose, challenge=asked.challenge,
        exclude_credentials=asked.credentials, timeout=asked.timeout, supported_pub_key_algs=ALGORITHMS,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
    ))  # fmt: skip


def _json(options: Any) -> Options:  # noqa: ANN401  (either kind of the library's options)
    spelled: Options = json.loads(webauthn.options_to_json(options))
    return spelled


@contextmanager
def _reading() -> Iterator[None]:
    """Whatever the parsers make of an answer that is none is one refusal."""
    try:
        yield
    except MALFORMED as error:
        raise Malformed from error


def read_proof(answer: Options) -> tuple[AuthenticationCredential, bytes]:
    """The credential of an answer and the challenge it claims to have signed. Raises Malformed."""
    with _reading():
        credential = parse_authentication_credential_json(answer)
        return credential, _signed(credential)


def read_made(answer: Options) -> tuple[RegistrationCredential, bytes]:
    """The same of a new passkey. Raises Malformed."""
    with _reading():
        credential = parse_registration_credential_json(answer)
        return credential, _signed(credential)


def _signed(credential: AuthenticationCredential | RegistrationCredential) -> bytes:
    return parse_client_data_json(credential.response.client_data_json).challenge


def proved(site: Site, credential: AuthenticationCredential, challenge: bytes, public_key: bytes) -> int:
    """The count of signatures, where the holder of the public key signed the challenge. Raises Malformed."""
    with _reading():
        return webauthn.verify_authentication_response(
            credential=credential, expected_challenge=challenge, expected_rp_id=site.rp_id,
            expected_origin=site.origins, credential_public_key=public_key, credential_current_sign_count=0,
            require_user_verification=True,
        ).new_sign_count  # fmt: skip


def made(site: Site, credential: RegistrationCredential, challenge: bytes) -> tuple[bytes, bytes, int]:
    """Id, public key and count of a new passkey. Raises Malformed."""
    with _reading():
        new = webauthn.verify_registration_response(
            credential=credential, expected_challenge=challenge, expected_rp_id=site.rp_id,
            expected_origin=site.origins, require_user_verification=True, supported_pub_key_algs=ALGORITHMS,
        )  # fmt: skip
    return new.credential_id, new.credential_public_key, new.sign_count
