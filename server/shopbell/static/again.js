// The socket of a page. When it is lost it comes back, but not at the moment at which all others do: the server says
// over how many seconds its screens should spread, and each of them takes any moment of that time.
import { io } from "/static/vendor/socket.io.esm.min.js";

const PATIENCE_S = 8; // where there are few screens, the longest time between two tries

let spread = 1;

/** How long a page without a socket waits between two questions, at least: these cost as much. In ms. */
export const pollMs = () => spread * 1000;

/** Any moment of the time over which the screens spread, but at most so many ms from now. @param {number} most */
export const someTimeMs = (most) => Math.random() * Math.min(spread * 1000, most);

/** @param {Record<string, unknown>} more options of Socket.IO */
export function listen(more = {}) {
  const socket = io({ transports: ["websocket"], reconnection: false, ...more });
  let tries = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let soon;
  const again = () => {
    clearTimeout(soon);
    soon = setTimeout(() => socket.connect(), Math.random() * Math.max(spread, Math.min(PATIENCE_S, 2 ** tries)) * 1000);
    tries += 1;
  };
  socket.on("spread", (/** @type {{s: number}} */ { s }) => (spread = s));
  socket.on("connect", () => (tries = 0));
  socket.on("connect_error", again);
  socket.on("disconnect", again);
  addEventListener("online", () => {
    tries = 0;
    if (!socket.connected) again();
  });
  return socket;
}
