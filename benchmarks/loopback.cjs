// Preloaded into the peer, which would otherwise listen on every address of the machine.
const { Server } = require("node:net");

const listen = Server.prototype.listen;
Server.prototype.listen = function (port, host, ...rest) {
  return listen.call(this, port, host ?? "127.0.0.1", ...rest);
};
