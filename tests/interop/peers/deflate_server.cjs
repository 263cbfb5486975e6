// Echoes, with the options of permessage-deflate in the first argument.
"use strict";

const { WebSocketServer } = require("ws");

const server = new WebSocketServer({
  host: "127.0.0.1",
  port: 0,
  perMessageDeflate: { threshold: 0, ...JSON.parse(process.argv[2]) },
});
server.on("connection", (ws) => {
  ws.on("message", (data, isBinary) => ws.send(data, { binary: isBinary }));
});
server.on("listening", () => console.log("listening on " + server.address().port));
process.on("SIGTERM", () => process.exit(0));
