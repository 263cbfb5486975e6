// A client and a server with npm's ws; what they have to do is said in talk.py.
"use strict";

const fs = require("node:fs");
const https = require("node:https");
const http = require("node:http");
const readline = require("node:readline");
const { WebSocket, WebSocketServer } = require("ws");

const [role, transport, compression] = process.argv.slice(2);
const pem = fs.readFileSync(process.env.INTEROP_CERTIFICATE);

function answer(ws, data, isBinary) {
  const text = isBinary ? "" : data.toString();
  if (text === "which subprotocol") {
    ws.send(ws.protocol || "none");
  } else if (text === "fragments") {
    ws.send("frag", { fin: false });
    ws.send("men", { fin: false });
    ws.send("ts", { fin: true });
  } else if (text === "ping me") {
    ws.ping("abc");
  } else if (text === "close me") {
    ws.close(4002, "that was all");
  } else {
    ws.send(data, { binary: isBinary });
  }
}

function talk(ws) {
  ws.on("message", (data, isBinary) => answer(ws, data, isBinary));
  ws.on("pong", (data) => ws.send("pong " + data));
  ws.on("close", (code, reason) => console.log("closed " + code + " " + reason));
  ws.on("error", (error) => console.log("error: " + error.message));
}

function serve() {
  const server =
    transport === "tls" ? https.createServer({ cert: pem, key: pem }) : http.createServer();
  new WebSocketServer({
    server,
    perMessageDeflate: compression === "deflate" && { threshold: 0 },
    handleProtocols: (protocols) => (protocols.has("chat") ? "chat" : false),
  }).on("connection", talk);
  server.listen(0, "127.0.0.1", () => console.log("listening on " + server.address().port));
}

console.log("is " + require("ws/package.json").version);
process.on("SIGTERM", () => process.exit(0));
if (role === "server") {
  serve();
} else {
  readline.createInterface({ input: process.stdin }).on("line", (line) => {
    const [uri, compressed] = line.split(" ");
    const perMessageDeflate = compressed === "deflate" && { threshold: 0 };
    talk(new WebSocket(uri, ["chat"], { ca: pem, perMessageDeflate }));
  });
}
