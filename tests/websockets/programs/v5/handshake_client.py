#!/usr/bin/env python

# A client made of the low-level functions, with the headers in a dict behind get and set.

import asyncio
import sys

from websockets.framing import OP_TEXT, Frame
from websockets.handshake import build_request, check_response
from websockets.uri import parse_uri


async def main(uri):
    secure, host, port, resource, user_info = parse_uri(uri)
    reader, writer = await asyncio.open_connection(host, port)
    request = {"Host": "%s:%d" % (host, port)}
    key = build_request(request.__setitem__)
    lines = ["GET %s HTTP/1.1" % resource]
    lines += ["%s: %s" % item for item in request.items()]
    writer.write("\r\n".join([*lines, "", ""]).encode())

    status = await reader.readline()
    print(status.decode().strip())
    response = {}
    while True:
        line = (await reader.readline()).decode().strip()
        if not line:
            break
        name, value = line.split(": ", 1)
        response[name.lower()] = value
    check_response(lambda name: response.get(name.lower(), ""), key)

    Frame(True, OP_TEXT, b"Hello").write(writer, mask=True)
    frame = await Frame.read(reader.readexactly, mask=False)
    print(frame.opcode == OP_TEXT, frame.data.decode())
    writer.close()


asyncio.get_event_loop().run_until_complete(main(sys.argv[1]))
