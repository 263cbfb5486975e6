// A client with npm's ws that talks to an echo server, and prints what it sees as JSON lines.
"use strict";

const WebSocket = require("ws");

const [uri, compression] = process.argv.slice(2);
const ws = new WebSocket(uri, ["other", "chat"], {
  maxPayload: 1 << 25,
  origin: "http://example.com",
  perMessageDeflate: compression === "compressed",
});

const tell = (what) => console.log("saw " + JSON.stringify(what));

// Each question waits for the answer to the one before.
const questions = [
  () => ws.send("text: ¥ 👍"),
  () => ws.send(Buffer.from([0, 1, 254, 255])),
  () => ws.send(""),
  () => ws.send(Buffer.alloc(0)),
  () => ws.send("x".repeat(1 << 24)),
  () => {
    ws.send("frag", { fin: false });
    ws.ping("between");
    ws.send("ments", { fin: true });
  },
  () => ws.close(4002, "that was all"),
];

const next = () => questions.shift()();

ws.on("open", () => {
  tell({ subprotocol: ws.protocol, extensions: ws.extensions });
  next();
});
ws.on("ping", (data) => tell({ ping: data.toString() }));
ws.on("pong", (data) => tell({ pong: data.toString() }));
ws.on("message", (data, isBinary) => {
  const text = isBinary ? data.toString("hex") : data.toString();
  tell({ [isBinary ? "binary" : "text"]: text.length > 100 ? text.length : text });
  next();
});
ws.on("close", (code, reason) => tell({ code, reason: reason.toString() }));
ws.on("error", (error) => tell({ error: error.message }));
