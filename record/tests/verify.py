#!/usr/bin/env python3
"""Judges a record's bundle as docs/record.md says, apart from Fettle: the standard library, and `cryptography`."""
import json, sys
from base64 import b64decode
from hashlib import sha256
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

def key_of(text):
    name, key_id, key = text.split("+", 2)
    raw = b64decode(key, validate=True)
    if (name, raw[0]) != ("fettle-record", 1) or sha256(b"fettle-record\n" + raw).hexdigest()[:8] != key_id:
        raise ValueError(text)
    return bytes.fromhex(key_id), Ed25519PublicKey.from_public_bytes(raw[1:])

def lines_of(key, note, first):
    """The lines of a note that the key has signed, or nothing."""
    try:
        text, signature = note.split("\n\n— fettle-record ")
        signature, (key_id, public) = b64decode(signature.removesuffix("\n"), validate=True), key
        public.verify(signature[4:], (text + "\n").encode())
        return text.split("\n") if signature[:4] == key_id and text.startswith(first) else None
    except (ValueError, TypeError, InvalidSignature):
        return None

def node(left, right):
    return sha256(b"\1" + left + right).digest()

def leads_to(root, size, position, digest, proof):
    at, last = position, size - 1
    for sibling in proof if position < size else []:
        if last == 0:
            return False
        if at % 2 or at == last:
            digest = node(bytes.fromhex(sibling), digest)
            while at % 2 == 0 and at:
                at, last = at // 2, last // 2
        else:
            digest = node(digest, bytes.fromhex(sibling))
        at, last = at // 2, last // 2
    return position < size and last == 0 and digest == root

def faults_of(bundle, pinned=None):
    faults, key, leaves = [], None, []
    if bundle["format"] != "fettle-record-1":
        faults.append("format")
    try:
        key = key_of(bundle["public_key"])
    except (ValueError, IndexError):
        faults.append("key")
    if key and pinned and bundle["public_key"] != pinned:
        faults.append("key")
    key = key_of(pinned) if pinned else key
    head = lines_of(key, bundle["head"], "fettle-record/")
    said = lines_of(key, bundle["statement"], "fettle-record-ticket\n")
    said = said if said and (head is None or head[1] == said[5]) else None
    faults += ([] if head else ["head"]) + ([] if said else ["statement"])
    for place, entry in enumerate(bundle["entries"], 1):
        try:
            leaf, digest = json.loads(entry["leaf"]), sha256(b"\0" + entry["leaf"].encode()).digest()
            n = leaf["entry"]
            if not n > 0:
                raise ValueError(n)
        except (ValueError, TypeError, KeyError):
            faults.append(f"unreadable {place}")
            continue
        try:
            ok = not head or leads_to(b64decode(head[2]), int(head[1]), entry["position"], digest, entry["proof"])
        except ValueError:
            ok = False
        faults += [] if ok else [f"altered {n}"]
        for part in "open", "personal":
            shown = entry[part] and sha256((entry[part]["salt"] + entry[part]["text"]).encode()).hexdigest()
            if shown and shown != leaf[part]:
                faults.append(f"{part} {n}")
            elif leaf[part] and not shown and said and f"{n}{part[0]}" not in said[4].split()[1:]:
                faults.append(f"{part}_withheld {n}")
        if leaf["why"] != (entry["why"] and sha256(entry["why"].encode()).hexdigest()):
            faults.append(f"why {n}")
        if said and leaf["ticket_id"] != said[1]:
            faults.append(f"foreign {n}")
        leaves.append((n, leaf["previous"], digest.hex()))
    hashes, highest = {}, 0
    for n, _, digest in leaves:
        faults += [f"twice {n}"] if n in hashes else [f"order {n}"] if n < highest else []
        hashes[n], highest = digest, max(n, highest)
    faults += [f"missing {n}" for n in range(1, (int(said[2]) if said else highest) + 1) if n not in hashes]
    known = {n: digest for n, digest in hashes.items() if f"altered {n}" not in faults}
    faults += [f"chain {n}" for n, before, _ in leaves if n in known and known.get(n - 1, before) != before]
    if said and known.get(int(said[2]), said[3]) != said[3]:
        faults.append(f"last {int(said[2])}")
    return sorted(faults)

if __name__ == "__main__":
    if sys.argv[1] == "--vectors":
        vectors = json.load(open(sys.argv[2], encoding="utf-8"))
        for case in vectors["cases"]:
            found = faults_of(case["bundle"]), faults_of(case["bundle"], vectors["key"])
            assert found == (case["faults"], case["with_key"]), (case["name"], found, case["faults"], case["with_key"])
        sys.exit(print(len(vectors["cases"]), "vectors agree"))
    found = faults_of(json.load(open(sys.argv[1], encoding="utf-8")), *sys.argv[2:3])
    print("\n".join(found) or "as it was")
    sys.exit(1 if found else 0)
