"""What other implementations make of labels and strings: libidn2, libidn, python3-idna, python3-precis-i18n. JSON in, JSON out; null for a refusal."""

import ctypes
import json
import sys
import unicodedata

import idna
import precis_i18n

libidn2 = ctypes.CDLL("libidn2.so.0")
libidn = ctypes.CDLL("libidn.so.12")
NFC_INPUT, NONTRANSITIONAL = 1, 8
NO_UNASSIGNED = 4


def assigned(text, version):
    """Whether all characters are of a Unicode version: that of Python, which python3-idna has too, or one that all here know."""
    return all(version.category(character) != "Cn" for character in text)


def take(work, *words, **named):
    try:
        return work(*words, **named)
    except Exception:
        return None


def idn2_lookup(text):
    output = ctypes.c_char_p()
    flags = NFC_INPUT | NONTRANSITIONAL
    if libidn2.idn2_to_ascii_8z(text.encode(), ctypes.byref(output), flags) != 0:
        return None
    return output.value.decode()


def idn2_register(text):
    output = ctypes.c_char_p()
    if libidn2.idn2_register_u8(text.encode(), None, ctypes.byref(output), 0) != 0:
        return None
    return output.value.decode()


def saslprep(text, flags):
    output = ctypes.c_char_p()
    if libidn.stringprep_profile(text.encode(), ctypes.byref(output), b"SASLprep", flags) != 0:
        return None
    return output.value.decode()


def encode_mapped(text):
    return idna.encode(text, uts46=True, std3_rules=True, transitional=False).decode()


def judge(text):
    row = {"assigned": assigned(text, unicodedata), "old": assigned(text, unicodedata.ucd_3_2_0)}
    row["mapped"] = take(encode_mapped, text)
    row["label"] = take(lambda: idna.alabel(text).decode())
    row["lookup"] = idn2_lookup(text)
    row["register"] = idn2_register(text)
    for name in ("UsernameCaseMapped", "UsernameCasePreserved", "OpaqueString", "Nickname"):
        row[name] = take(precis_i18n.get_profile(name).enforce, text)
    row["stored"] = saslprep(text, NO_UNASSIGNED)
    row["query"] = saslprep(text, 0)
    return row


json.dump([judge(text) for text in json.load(sys.stdin)], sys.stdout)
