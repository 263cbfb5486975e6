// An echo server with npm's ws. Its first message says what it saw of the request.
"use strict";

const { WebSocketServer } = require("ws");

const server = new WebSocketServer({
  host: "127.0.0.1",
  port: 0,
  maxPayload: 1 << 25,
  perMessageDeflate: process.argv[2] === "compressed",
  handleProtocols: (protocols) => (protocols.has("chat") ? "chat" : false),
});

server.on("listening", () => console.log("listening on " + server.address().port));

server.on("connection", (ws, request) => {
  ws.send(JSON.stringify({ path: request.url, origin: request.headers.origin || null }));
  ws.on("message", (data, isBinary) => {
    if (!isBinary && data.toString() === "ping me") {
      ws.once("pong", (payload) => ws.send("pong " + payload));
      ws.ping("abc");
    } else if (!isBinary && data.toString() === "close me") {
      ws.close(4001, "as you wish");
    } else if (!isBinary && data.toString() === "drop me") {
      ws.terminate();
    } else if (!isBinary && data.toString() === "fragments") {
      ws.send("frag", { fin: false });
      ws.send("men", { fin: false });
      ws.send("ts", { fin: true });
    } else {
      ws.send(data, { binary: isBinary });
    }
  });
  ws.on("close", (code, reason) => console.log("closed " + code + " " + reason));
});

process.on("SIGTERM", () => process.exit(0));
