"use strict";

const $ = (id) => document.getElementById(id);

const MAX_SHOWN = 500; // messages and notes in the page
const MAX_DELAY = 15000; // milliseconds between two attempts to connect

let socket = null; // the WebSocket, once there was an attempt
let attempts = 0; // in a row, without success
let timer = 0; // of the next attempt
let you = ""; // your name, as the server has it
let wanted = recall(); // your name, as you want it
let atEnd = true; // whether the latest message is in sight, and is to stay there

// The name is kept for the next visit, where the browser allows it.

function recall() {
  try {
    return localStorage.getItem("name") || "";
  } catch {
    return "";
  }
}

function remember(name) {
  wanted = name;
  try {
    localStorage.setItem("name", name);
  } catch {
    // For this visit, then.
  }
}

// The connection. It comes back by itself, and is slower to try the longer it fails.

function connect() {
  clearTimeout(timer);
  setStatus(false, attempts ? "Reconnecting" : "Connecting");
  const url = new URL("/?" + new URLSearchParams({ name: wanted }), location.href);
  url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  socket = new WebSocket(url.href, "room");
  socket.onmessage = ({ data }) => show(JSON.parse(data));
  socket.onclose = ({ reason }) => {
    const delay = Math.min(500 * 2 ** attempts++, MAX_DELAY) * (0.5 + Math.random() / 2);
    timer = setTimeout(connect, delay);
    setStatus(false, reason ? "Reconnecting: " + reason : "Reconnecting");
  };
}

function isOpen() {
  return socket !== null && socket.readyState === WebSocket.OPEN;
}

function send(command) {
  socket.send(JSON.stringify(command));
}

function setStatus(connected, text) {
  document.body.classList.toggle("connected", connected);
  $("status").textContent = text;
}

// What the server tells.

function show(event) {
  if (event.type === "welcome") {
    attempts = 0;
    setStatus(true, "Connected");
    $("log").replaceChildren(); // the latest messages follow, also those that were missed
  }
  if (event.type === "welcome" || event.type === "you") {
    you = event.you;
    $("you").textContent = you;
  } else if (event.type === "members") {
    $("count").textContent = event.members.length;
    $("members").replaceChildren(...event.members.map(makeMember));
  } else if (event.type === "message") {
    append(makeMessage(event));
  } else if (event.type === "note") {
    append(make("li", "note", event.text));
  }
}

function append(item) {
  const log = $("log");
  log.append(item);
  while (log.children.length > MAX_SHOWN) {
    log.firstChild.remove();
  }
  atEnd ||= item.classList.contains("own");
  stayAtEnd();
}

function stayAtEnd() {
  if (atEnd) {
    $("log").scrollTop = $("log").scrollHeight;
  }
}

$("log").onscroll = ({ target }) => {
  atEnd = target.scrollHeight - target.scrollTop - target.clientHeight < 40;
};

new ResizeObserver(stayAtEnd).observe($("log"));

// Elements. Text goes in as text, never as HTML.

function make(tag, className, text, ...children) {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = text;
  element.append(...children);
  return element;
}

function makeMember(name) {
  const own = name === you;
  return make("li", "", "", makeFace(name), make("span", "name", own ? name + " (you)" : name));
}

function makeMessage({ name, text, time }) {
  const date = new Date(time * 1000);
  const clock = make("time", "", date.toLocaleTimeString([], { timeStyle: "short" }));
  clock.dateTime = date.toISOString();
  const last = $("log").lastElementChild;
  const kind = name === you ? "message own" : "message";
  const head = make("span", "head", "", make("span", "name", name), " ", clock);
  const item = make("li", kind, "", makeFace(name), head, make("p", "", text));
  item.dataset.name = name;
  // Several in a row have their name and their face once, for those who see them.
  item.classList.toggle("more", last !== null && last.dataset.name === name);
  return item;
}

function makeFace(name) {
  const face = make("span", "face", [...name][0].toUpperCase());
  face.ariaHidden = "true";
  let hash = 7;
  for (const char of name) {
    hash = (hash * 31 + char.codePointAt(0)) % 360;
  }
  face.style.setProperty("--hue", hash);
  return face;
}

// What you do.

function askForName() {
  $("name").value = wanted;
  $("naming").returnValue = "";
  $("naming").showModal();
  $("name").select();
}

$("you").onclick = askForName;

$("naming").onclose = ({ target }) => {
  if (target.returnValue === "ok") {
    remember($("name").value.trim());
  }
  if (socket === null) {
    connect();
  } else if (isOpen() && wanted !== you) {
    send({ name: wanted });
  }
  $("text").focus();
};

$("say").onsubmit = (event) => {
  event.preventDefault();
  const text = $("text").value.trim();
  if (text && isOpen()) {
    send({ say: text });
    $("text").value = "";
  }
};

addEventListener("online", () => {
  if (socket !== null && socket.readyState === WebSocket.CLOSED) {
    attempts = 0;
    connect();
  }
});

if (wanted) {
  connect();
} else {
  askForName();
}
