// An echo server and an echo client of npm's ws.
"use strict";

const { WebSocket, WebSocketServer } = require("ws");

function echo(ws) {
  ws.on("message", (data, isBinary) => {
    const text = isBinary ? "" : data.toString();
    if (text.startsWith("/close ")) {
      const [, code, reason] = text.split(" ");
      ws.close(Number(code), reason);
    } else if (ws.readyState === WebSocket.OPEN) {
      ws.send(data, { binary: isBinary });
    }
  });
  ws.on("error", () => {});
}

if (process.argv[2] === "server") {
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0, perMessageDeflate: true });
  server.on("connection", echo);
  server.on("listening", () => console.log(server.address().port));
} else {
  const ws = new WebSocket(process.argv[3]);
  echo(ws);
}
