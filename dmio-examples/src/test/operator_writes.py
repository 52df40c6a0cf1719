"""A client that writes, and one that looks whether what was acknowledged is there.

operator_writes.py write URI FILE: writes numbered blocks to the second half, each forced, until the server goes; notes each before and after.
operator_writes.py check URI FILE: each block has the number that was acknowledged last, or one that was sent after it.
"""

import struct
import sys

import nbd

BLOCK = 4096


def place(number, blocks):
    return number * 7919 % blocks


def half(client):
    return client.get_size() // 2, client.get_size() // 2 // BLOCK


def write(client, path):
    begin, blocks = half(client)
    with open(path, "w", buffering=1) as notes:
        number = 0
        while True:
            number += 1
            notes.write(f"sent {number}\n")
            data = struct.pack("<Q", number) * (BLOCK // 8)
            try:
                client.pwrite(data, begin + place(number, blocks) * BLOCK, nbd.CMD_FLAG_FUA)
            except nbd.Error as gone:
                print(f"ends after {number} writes: {gone}", file=sys.stderr)
                return 0 if number > 100 else 1
            notes.write(f"acknowledged {number}\n")


def check(client, path):
    begin, blocks = half(client)
    sent, acknowledged = {}, {}
    for line in open(path):
        word, number = line.split()
        into = sent if word == "sent" else acknowledged
        into.setdefault(place(int(number), blocks), []).append(int(number))
    lost = 0
    for block, numbers in acknowledged.items():
        data = client.pread(BLOCK, begin + block * BLOCK)
        found = struct.unpack("<Q", data[:8])[0]
        whole = data == struct.pack("<Q", found) * (BLOCK // 8)
        if not whole or found < numbers[-1] or found not in sent[block]:
            print(f"block {block}: {numbers[-1]} was acknowledged, {found} is there", file=sys.stderr)
            lost += 1
    print(f"operator_writes.py: {len(acknowledged)} blocks looked at, {lost} lost")
    return 1 if lost or not acknowledged else 0


def main():
    what, uri, path = sys.argv[1:]
    client = nbd.NBD()
    client.connect_uri(uri)
    return write(client, path) if what == "write" else check(client, path)


sys.exit(main())
