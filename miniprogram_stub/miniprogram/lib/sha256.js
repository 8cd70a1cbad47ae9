// SHA-256 (FIPS 180-4) of an ArrayBuffer, as hex: WeChat has no crypto.subtle.

const PRIMES = primes(64);
const FRACTION = 4294967296;
const ROUNDS = Uint32Array.from(PRIMES, (prime) => Math.floor((Math.cbrt(prime) % 1) * FRACTION));
const START = Uint32Array.from(PRIMES.slice(0, 8), (prime) => Math.floor((Math.sqrt(prime) % 1) * FRACTION));
const BLOCK = 64;

export function sha256(buffer) {
  const message = padded(new Uint8Array(buffer));
  const view = new DataView(message.buffer);
  const state = Uint32Array.from(START);
  const words = new Uint32Array(64);
  for (let offset = 0; offset < message.length; offset += BLOCK) digest(state, words, view, offset);
  return Array.from(state, (word) => word.toString(16).padStart(8, "0")).join("");
}

function primes(many) {
  const found = [];
  for (let number = 2; found.length < many; number += 1) {
    if (found.every((prime) => number % prime)) found.push(number);
  }
  return found;
}

function padded(bytes) {
  const message = new Uint8Array((((bytes.length + 8) >> 6) + 1) * BLOCK);
  message.set(bytes);
  message[bytes.length] = 0x80;
  const view = new DataView(message.buffer);
  view.setUint32(message.length - 8, Math.floor((bytes.length * 8) / FRACTION));
  view.setUint32(message.length - 4, (bytes.length * 8) >>> 0);
  return message;
}

function turn(word, by) {
  return (word >>> by) | (word << (32 - by));
}

function digest(state, words, view, offset) {
  for (let i = 0; i < 16; i += 1) words[i] = view.getUint32(offset + i * 4);
  for (let i = 16; i < 64; i += 1) {
    const [far, near] = [words[i - 15], words[i - 2]];
    const small = turn(far, 7) ^ turn(far, 18) ^ (far >>> 3);
    const large = turn(near, 17) ^ turn(near, 19) ^ (near >>> 10);
    words[i] = words[i - 16] + small + words[i - 7] + large;
  }
  let [a, b, c, d, e, f, g, h] = state;
  for (let i = 0; i < 64; i += 1) {
    const one = (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + ROUNDS[i] + words[i]) | 0;
    const two = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    [h, g, f, e, d, c, b, a] = [g, f, e, (d + one) | 0, c, b, a, (one + two) | 0];
  }
  [a, b, c, d, e, f, g, h].forEach((value, i) => (state[i] = (state[i] + value) | 0));
}
