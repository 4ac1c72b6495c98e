// A million mutated packets at the agent's DNS server, in portions with seeds of their own. Fails when it ends, when an honest question between them is not
// answered, when an answer is longer than allowed, or when its memory grows.
import { flood } from 'sallyport/agent/resolver/testing/flood.ts';

const PACKETS = 1_000_000;
/** Beyond what it had after a tenth: buffers, the full cache, what is not collected yet. */
const MORE_MIB = 96;

const seed = Math.floor(Math.random() * 2 ** 32);
const seen = await flood({
  packets: PACKETS,
  seed,
  onProgress: (sent, rssMib) => console.log(`${String(sent).padStart(8)} packets, ${rssMib.toFixed(0)} MiB`),
});
const { packets, unanswered, isAlive, rssBefore, rssMost, tooLong } = seen;
console.log(
  `seed ${seed}: ${packets} packets, ${isAlive ? 0 : 1} exits, ${unanswered} honest questions unanswered, ${tooLong} answers too long, RSS ${rssBefore.toFixed(0)} MiB after a tenth, at most ${rssMost.toFixed(0)} MiB`,
);
process.exitCode = isAlive && unanswered === 0 && tooLong === 0 && rssMost < rssBefore + MORE_MIB ? 0 : 1;
