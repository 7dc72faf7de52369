// The kernel's part of netem, for a kernel that has none: while the stand-in of tc has a delay in place, every connection of
// this process is opened that much later. Loaded with --require.
const { existsSync } = require('node:fs');
const { Socket } = require('node:net');

const connect = Socket.prototype.connect;
Socket.prototype.connect = function (...words) {
  if (existsSync(process.env.TC_STATE)) {
    this.connecting = true; // What is written meanwhile waits, as on a socket that the kernel connects.
    setTimeout(() => this.destroyed || connect.apply(this, words), 5);
  } else connect.apply(this, words);
  return this;
};
