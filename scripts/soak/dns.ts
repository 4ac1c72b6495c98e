// A million mutated packets at the agent's DNS server, about two minutes. Fails when the server ends, when an honest question between them is not
// answered, when an answer is longer than allowed, or when its memory still grows in the second half.
import { flood } from 'sallyport/agent/resolver/testing/flood.ts';

const PACKETS = 1_000_000;
/** In the second half nothing is new any more: V8 has taken the room it wants for short-lived objects, and the cache is full. */
const MORE_MIB = 32;
const MOST_MIB = 400;

const seed = Math.floor(Math.random() * 2 ** 32);
const seen = await flood({
  packets: PACKETS,
  seed,
  onProgress: (sent, rssMib) => console.log(`${String(sent).padStart(8)} packets, ${rssMib.toFixed(0)} MiB`),
});
const { packets, unanswered, isAlive, rssHalf, rssMost, tooLong } = seen;
console.log(
  `seed ${seed}: ${packets} packets, ${isAlive ? 0 : 1} exits, ${unanswered} honest questions unanswered, ${tooLong} answers too long, RSS ${rssHalf.toFixed(0)} MiB after a half, at most ${rssMost.toFixed(0)} MiB`,
);
process.exitCode = isAlive && unanswered === 0 && tooLong === 0 && rssMost < Math.min(MOST_MIB, rssHalf + MORE_MIB) ? 0 : 1;
