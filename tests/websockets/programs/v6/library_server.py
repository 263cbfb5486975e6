#!/usr/bin/env python

# A server made of the low-level functions.

import asyncio

import websockets.framing
import websockets.handshake
import websockets.http
from websockets.http import Headers


async def serve(reader, writer):
    path, request_headers = await websockets.http.read_request(reader)
    response_headers = Headers()
    key = websockets.handshake.check_request(request_headers)
    websockets.handshake.build_response(response_headers, key)
    response_headers["Server"] = "library"
    writer.write(b"HTTP/1.1 101 Switching Protocols\r\n")
    writer.write(str(response_headers).encode())
    while True:
        frame = await websockets.framing.Frame.read(reader.readexactly, mask=True)
        if frame.opcode == websockets.framing.OP_CLOSE:
            code, reason = websockets.framing.parse_close(frame.data)
            print("closed", code, flush=True)
            data = websockets.framing.serialize_close(code, reason)
            frame = frame._replace(data=data)
        frame.write(writer, mask=False)
        if frame.opcode == websockets.framing.OP_CLOSE:
            break
    writer.close()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.sleep(3600)


asyncio.get_event_loop().run_until_complete(main())
