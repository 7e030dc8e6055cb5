/**
 * Proving that one knows a password without sending it: SRP-6a as Cognito's user pools speak it.
 *
 * Source: RFC 5054, its 3,072-bit group with generator 2, SHA-256, and the key derivation of Cognito's own clients.
 */
const PRIME = BigInt(
  "0x" +
    "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74" +
    "020BBEA63B139B22514A08798E3404DDEF9519B3CD3A431B302B0A6DF25F1437" +
    "4FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED" +
    "EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF05" +
    "98DA48361C55D39A69163FA8FD24CF5F83655D23DCA3AD961C62F356208552BB" +
    "9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3B" +
    "E39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF695581718" +
    "3995497CEA956AE515D2261898FA051015728E5A8AAAC42DAD33170D04507A33" +
    "A85521ABDF1CBA64ECFB850458DBEF0A8AEA71575D060C7DB3970F85A6E1E4C7" +
    "ABF5AE8CDB0933D71E8C94E04A25619DCEE3D2261AD2EE6BF12FFA06D98A0864" +
    "D87602733EC86A64521F2B18177B200CBBE117577A615D6C770988C0BAD946E2" +
    "08E24FA074E5AB3143DB5BFCE0FD108E4B82D120A93AD2CAFFFFFFFFFFFFFFFF",
);
const GENERATOR = 2n;
const SECRET_BYTES = 128;
const KEY_BYTES = 16;
const INFO = "Caldera Derived Key\u0001";
const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

type Bytes = Uint8Array<ArrayBuffer>;

/** What a pool asks: its public number, the salt, and a text that it wants back. */
interface Asked {
  userId: string;
  salt: string;
  publicNumber: string;
  secretBlock: string;
}

/** One sign-in: `publicNumber` is sent first, `proof` answers what the pool then asks. */
interface Handshake {
  publicNumber: string;
  proof: (poolId: string, password: string, asked: Asked, at: Date) => Promise<Record<string, string>>;
}

export function handshake(random: Uint8Array = crypto.getRandomValues(new Uint8Array(SECRET_BYTES))): Handshake {
  const secret = numberOf(random) % PRIME;
  const mine = power(GENERATOR, secret);
  return {
    publicNumber: mine.toString(16),
    proof: async (poolId, password, asked, at) => {
      const theirs = BigInt(`0x${asked.publicNumber}`);
      const scramble = await hashed(padded(mine), padded(theirs));
      // with such a number any password would pass, and the pool would learn from the answer
      if (theirs % PRIME === 0n || scramble === 0n) throw new Error("The user pool sent a number that proves nothing.");
      const pool = poolId.slice(poolId.indexOf("_") + 1);
      const identity = await digest(text(`${pool}${asked.userId}:${password}`));
      const hidden = await hashed(padded(BigInt(`0x${asked.salt}`)), identity);
      const multiplier = await hashed(padded(PRIME), padded(GENERATOR));
      const base = (((theirs - multiplier * power(GENERATOR, hidden)) % PRIME) + PRIME) % PRIME;
      const shared = power(base, secret + scramble * hidden);
      const extracted = await signed(padded(scramble), padded(shared));
      const key = (await signed(extracted, text(INFO))).slice(0, KEY_BYTES);
      const stamp = timestamp(at);
      const block = Uint8Array.from(atob(asked.secretBlock), (character) => character.charCodeAt(0));
      const signature = await signed(key, joined(text(`${pool}${asked.userId}`), block, text(stamp)));
      return {
        USERNAME: asked.userId,
        TIMESTAMP: stamp,
        PASSWORD_CLAIM_SECRET_BLOCK: asked.secretBlock,
        PASSWORD_CLAIM_SIGNATURE: btoa(String.fromCharCode(...signature)),
      };
    },
  };
}

/** A time as the pool wants it signed, in English whatever the locale: no padded day. */
export function timestamp(at: Date): string {
  const clock = at.toISOString().slice(11, 19);
  return `${DAYS[at.getUTCDay()]} ${MONTHS[at.getUTCMonth()]} ${at.getUTCDate()} ${clock} UTC ${at.getUTCFullYear()}`;
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  let square = base % PRIME;
  for (let left = exponent; left > 0n; left >>= 1n) {
    if (left & 1n) result = (result * square) % PRIME;
    square = (square * square) % PRIME;
  }
  return result;
}

/** The bytes of a number, with a zero before them where they would read as negative. */
function padded(number: bigint): Bytes {
  const digits = number.toString(16);
  const even = digits.length % 2 ? `0${digits}` : digits;
  const whole = parseInt(even.slice(0, 2), 16) >= 0x80 ? `00${even}` : even;
  return Uint8Array.from(whole.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

function numberOf(bytes: Uint8Array): bigint {
  return BigInt(`0x${Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")}`);
}

const text = (written: string): Bytes => new Uint8Array(new TextEncoder().encode(written));

function joined(...parts: Uint8Array[]): Bytes {
  return Uint8Array.from(parts.flatMap((part) => Array.from(part)));
}

async function digest(bytes: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}

async function hashed(...parts: Uint8Array[]): Promise<bigint> {
  return numberOf(await digest(joined(...parts)));
}

async function signed(key: Bytes, message: Bytes): Promise<Bytes> {
  const imported = await crypto.subtle.importKey("raw", key, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", imported, message));
}
