"""Reads and writes DNS messages and zone text by Debian's python3-dnspython, for comparison: JSON in, JSON out."""

import json
import sys

import dns.message
import dns.name
import dns.rdata
import dns.zone


def rows(message):
    """Each record: section, owner, type, class, TTL, data in wire form without compression, data as text."""
    found = []
    for number, section in enumerate((message.answer, message.authority, message.additional)):
        for rrset in section:
            for rdata in rrset:
                found.append([
                    number, rrset.name.to_text(), int(rrset.rdtype), int(rrset.rdclass), rrset.ttl,
                    rdata.to_wire().hex(), rdata.to_text(),
                ])
    return found


def read_message(text):
    try:
        message = dns.message.from_wire(bytes.fromhex(text), ignore_trailing=True, one_rr_per_rrset=True)
        answer = {"rows": rows(message), "rcode": int(message.rcode()), "questions": len(message.question)}
    except Exception as error:
        return {"error": type(error).__name__ + ": " + str(error)}
    try:
        answer["wire"] = message.to_wire(max_size=65535).hex()
    except Exception as error:
        answer["unwritten"] = type(error).__name__
    return answer


def read_data(pair):
    """Data of a record in presentation form: its wire form, names in lower case where they are folded, and its own text."""
    kind, text = pair
    try:
        rdata = dns.rdata.from_text("IN", kind, text, origin=dns.name.root, relativize=False)
        return {"wire": rdata.to_wire().hex(), "text": rdata.to_text()}
    except Exception as error:
        return {"error": type(error).__name__ + ": " + str(error)}


def read_zone(text):
    """All records of zone text below zone.example, those of other names left out."""
    try:
        zone = dns.zone.from_text("$TTL 3600\n" + text, origin="zone.example.", relativize=False, check_origin=False)
        found = []
        for owner, ttl, rdata in zone.iterate_rdatas():
            found.append([0, owner.to_text(), int(rdata.rdtype), int(rdata.rdclass), ttl, rdata.to_wire().hex(), rdata.to_text()])
        return {"rows": found}
    except Exception as error:
        return {"error": type(error).__name__ + ": " + str(error)}


work = json.load(sys.stdin)
json.dump({
    "messages": [read_message(one) for one in work.get("messages", [])],
    "data": [read_data(one) for one in work.get("data", [])],
    "zones": [read_zone(one) for one in work.get("zones", [])],
}, sys.stdout)
