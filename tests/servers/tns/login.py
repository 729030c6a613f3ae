"""O5LOGON, the server's half: neither side sends the password, or anything that it could be read from, in the clear."""

import hashlib
import os

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

GENERATIONS, DERIVATIONS = 4096, 3
TYPES = {"12c": 0x4815, "11g": 0x1B25}


def _cipher(key):
    return Cipher(algorithms.AES(key), modes.CBC(bytes(16)))


def encrypt(key, data):
    encryptor = _cipher(key).encryptor()
    return encryptor.update(data) + encryptor.finalize()


def decrypt(key, data):
    decryptor = _cipher(key).decryptor()
    return decryptor.update(data) + decryptor.finalize()


class Challenge:
    """One login of one client."""

    def __init__(self, verifier, password):
        self.verifier = verifier
        self.password = password.encode()
        self.salt = os.urandom(16 if verifier == "12c" else 10)
        self.mixing_salt = os.urandom(16)
        self.part = os.urandom(32)
        if verifier == "12c":
            key = hashlib.pbkdf2_hmac("sha512", self.password, self.salt + b"AUTH_PBKDF2_SPEEDY_KEY", GENERATIONS, 64)
            self.hash = hashlib.sha512(key + self.salt).digest()[:32]
        else:
            self.hash = hashlib.sha1(self.password + self.salt).digest() + bytes(4)

    def question(self):
        return [("AUTH_SESSKEY", encrypt(self.hash, self.part).hex().upper(), 0),
                ("AUTH_VFR_DATA", self.salt.hex().upper(), TYPES[self.verifier]),
                ("AUTH_PBKDF2_CSK_SALT", self.mixing_salt.hex().upper(), 0),
                ("AUTH_PBKDF2_VGEN_COUNT", str(GENERATIONS), 0),
                ("AUTH_PBKDF2_SDER_COUNT", str(DERIVATIONS), 0)]

    def session_key(self, answer):
        theirs = decrypt(self.hash, bytes.fromhex(answer["AUTH_SESSKEY"]))
        size = len(self.hash)
        both = (theirs[:size] + self.part[:size]).hex().upper().encode()
        return hashlib.pbkdf2_hmac("sha512", both, self.mixing_salt, DERIVATIONS, size)

    def accepts(self, answer):
        """The key that both now have, or nothing where the password was another."""
        try:
            key = self.session_key(answer)
            salted = decrypt(key, bytes.fromhex(answer["AUTH_PASSWORD"]))
        except (KeyError, ValueError):
            return None
        return key if salted[16:-salted[-1]] == self.password else None


def proof(key):
    """By which the client knows that the server had the password as well."""
    return encrypt(key, os.urandom(16) + b"SERVER_TO_CLIENT" + bytes([16]) * 16).hex().upper()
