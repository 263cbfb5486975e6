"use strict";

const $ = (id) => document.getElementById(id);

const SIZE = 4; // boxes in a row
const MARKS = ["", "●", "■"]; // for those who don't tell the colours apart

let socket;
let you = 0; // which player you are: 1 or 2, or 0 if you watch
let drawn = {}; // the lines that were drawn when the board was shown last

// The connection.

function connect() {
  socket = new WebSocket(location.href.replace(/^http/, "ws"));
  socket.onopen = () => setStatus(true, "Connected");
  socket.onmessage = ({ data }) => receive(JSON.parse(data));
  socket.onclose = () => setStatus(false, "Connection lost: reload the page");
}

function send(command) {
  socket.send(JSON.stringify(command));
}

function receive(event) {
  if (event.type === "welcome") {
    you = event.you;
  } else if (event.type === "state") {
    show(event);
  } else if (event.type === "error") {
    $("news").textContent = event.text;
  }
}

function setStatus(connected, text) {
  document.body.classList.toggle("connected", connected);
  $("status").textContent = text;
}

// The board: dots, lines and boxes in a grid of 9 rows and 9 columns.

function makeBoard() {
  for (let row = 0; row <= 2 * SIZE; row++) {
    for (let column = 0; column <= 2 * SIZE; column++) {
      $("board").append(makeCell(row, column));
    }
  }
}

function makeCell(row, column) {
  const place = `${row >> 1}${column >> 1}`;
  if (row % 2 === 0 && column % 2 === 0) return make("div", "dot");
  if (row % 2 === 1 && column % 2 === 1) return make("div", "box", place);
  const upright = row % 2 === 1;
  const side = make("button", upright ? "side upright" : "side", (upright ? "v" : "h") + place);
  side.type = "button";
  const where = `row ${(row >> 1) + 1}, column ${(column >> 1) + 1}`;
  side.ariaLabel = `${upright ? "Vertical" : "Horizontal"} line, ${where}`;
  side.onclick = () => send({ draw: side.id });
  return side;
}

function make(tag, className, id = "") {
  const element = document.createElement(tag);
  element.className = className;
  element.id = id;
  return element;
}

// What the server tells.

function show(state) {
  for (const side of document.querySelectorAll(".side")) {
    const player = state.lines[side.id];
    const mayDraw = state.turn === you && !state.over;
    side.disabled = player !== undefined || !mayDraw;
    mark(side, player);
    side.classList.toggle("last", player !== undefined && !(side.id in drawn));
  }
  for (const box of document.querySelectorAll(".box")) {
    const player = state.boxes[box.id];
    mark(box, player);
    box.textContent = MARKS[player ?? 0];
  }
  drawn = state.lines;
  const scores = [1, 2].map((player) => countBoxes(state, player));
  for (const player of [1, 2]) {
    const card = $(`player${player}`);
    card.firstChild.textContent = `${MARKS[player]} ${nameOf(player, state)}`;
    card.lastChild.textContent = scores[player - 1];
    card.classList.toggle("turn", state.turn === player && !state.over);
  }
  $("news").textContent = state.over ? result(scores) : whoseTurn(state);
  $("again").hidden = !(state.over && you);
}

function mark(element, player) {
  element.classList.toggle("one", player === 1);
  element.classList.toggle("two", player === 2);
}

function countBoxes(state, player) {
  return Object.values(state.boxes).filter((owner) => owner === player).length;
}

function nameOf(player, state) {
  if (player === you) return "You";
  return state.here.includes(player) ? "Player " + player : "Nobody yet";
}

function whoseTurn(state) {
  if (state.turn === you) return "Your turn: draw a line";
  return `It is the turn of player ${state.turn}`;
}

function result([first, second]) {
  if (first === second) return "A draw!";
  const winner = first > second ? 1 : 2;
  return winner === you ? "You have won!" : `Player ${winner} has won`;
}

$("again").onclick = () => send({ again: true });

makeBoard();
connect();
