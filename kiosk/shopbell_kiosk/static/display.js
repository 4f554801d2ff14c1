// The screen on the wall: rows by the socket; clock and code by reading the page again, in place.
import { read, start } from "/static/live.js";

const EVERY_MS = 20_000; // a code is good for two minutes after its own

start(() => {});
setInterval(() => read("live", true), EVERY_MS);
