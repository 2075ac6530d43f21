"""Accounts: the phone that signs in, and for staff the sessions and second factors on top of it."""

from models.accounts.factors import (
    PASSKEYS,
    Authenticator,
    AuthenticatorSecret,
    Ceremony,
    CeremonyOptions,
    FactorChallenge,
    FactorsPublic,
    OneTimeCode,
    Passkey,
    PasskeyAnswer,
    PasskeyCreate,
    PasskeyPublic,
    StaffSession,
    StaffSessionPublic,
    StaffSessionsFound,
)
from models.accounts.phones import (
    CODE_MINUTES,
    CODE_TRIES,
    Account,
    AccountPublic,
    CodeRequest,
    CodeSent,
    RateWindow,
    Revocation,
    SecondFactor,
    SignedIn,
    SignIn,
    SignInCode,
    StaffSessionGiven,
)

__all__ = [
    "CODE_MINUTES", "CODE_TRIES", "PASSKEYS", "Account", "AccountPublic", "Authenticator", "AuthenticatorSecret",
    "Ceremony", "CeremonyOptions", "CodeRequest", "CodeSent", "FactorChallenge", "FactorsPublic", "OneTimeCode",
    "Passkey", "PasskeyAnswer", "PasskeyCreate", "PasskeyPublic", "RateWindow", "Revocation", "SecondFactor",
    "SignIn", "SignInCode", "SignedIn", "StaffSession", "StaffSessionGiven", "StaffSessionPublic",
    "StaffSessionsFound",
]  # fmt: skip
