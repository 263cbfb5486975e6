// A client with npm's undici, whose WebSocket is that of browsers; it has to do as talk.py says.
"use strict";

const fs = require("node:fs");
const readline = require("node:readline");
const { Agent, WebSocket, setGlobalDispatcher } = require("undici");

const ca = fs.readFileSync(process.env.INTEROP_CERTIFICATE);
setGlobalDispatcher(new Agent({ connect: { ca } }));

function answer(ws, data) {
  if (data === "which subprotocol") {
    ws.send(ws.protocol || "none");
  } else if (data === "close me") {
    ws.close(4002, "that was all");
  } else {
    ws.send(data);
  }
}

console.log("is " + require("undici/package.json").version);
process.on("SIGTERM", () => process.exit(0));
readline.createInterface({ input: process.stdin }).on("line", (line) => {
  const ws = new WebSocket(line.split(" ")[0], ["chat"]);
  ws.binaryType = "arraybuffer";
  ws.onmessage = (event) => answer(ws, event.data);
  ws.onclose = (event) => console.log("closed " + event.code + " " + event.reason);
  ws.onerror = (event) => console.log("error: " + event.error);
});
