// Connects to the URL in the first argument with the options of permessage-deflate in the
// second, has each message of the third echoed, and says what came back.
"use strict";

const WebSocket = require("ws");

const [url, options, messages] = process.argv.slice(2);
const left = JSON.parse(messages);
const came = [];
const ws = new WebSocket(url, {
  perMessageDeflate: { threshold: 0, ...JSON.parse(options) },
});

function next() {
  if (left.length) {
    ws.send(left.shift());
  } else {
    console.log("saw " + JSON.stringify({ extensions: ws.extensions, came }));
    ws.close();
  }
}

ws.on("open", next);
ws.on("message", (data) => {
  came.push(data.toString());
  next();
});
ws.on("error", (error) => console.log("saw " + JSON.stringify({ error: error.message })));
