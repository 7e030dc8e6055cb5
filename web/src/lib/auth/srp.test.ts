import { expect, test } from "vitest";
import { handshake, timestamp } from "./srp";

/** The numbers of a pool that knows "correct horse 1A", and the proof that it takes: both by another program. */
const THEIRS =
  "b060128587ea852624cb6f0326893b833084683e99a05a2339cff544058b28c6f555122239a29d0db3efb659eba5c110f6de220713788b4d40bae1c4ae39035e" +
  "c818ca41b504838bf10863e4274a25a4e76b1a93d4c14e0a563116232a01a0c765ccb379b3723ff165f14e33cc7b20eed44b7f6067bab1c1fed479bf482ee45a" +
  "c9c23504ba0351abef82377f2cb3178b54c8d217a51cfa54d529ec1093ab6092e7983535030a766035634064cd9cd541a9ece39999f58eb37c38515229fa6029" +
  "35686712408ca75df7e63a3fe6e3b0cc570423ab73e38e91f449260b66cd0586da8b61eda4195d29b474b76694ac2cc13f9c8ffec134dc9ebff00a6aff72e69e" +
  "5abc023c2fc3bd390b957668a2573c192ad3bbbd0d3cc2a21eb2e12106d67055e8eec1b28316092a9d9cbab564359ff90256472f62449593c1183c9a36c5d04c" +
  "73e189ed77e9d7cfeb1b45822022b98dc7aa16cbf58469faf77089bbc47d86fbd6ac4720e8ef3656ff412c753fe35b89d71bac1e6a7aa062032725ecfe9f63b8";
const ASKED = { userId: "5f1c-user", salt: "f0e0d", publicNumber: THEIRS, secretBlock: btoa("a secret block") };
const AT = new Date(Date.UTC(2026, 10, 8, 5, 4, 3));

const ours = () => handshake(Uint8Array.from({ length: 128 }, (_, n) => n));

test("a password is proven as the pool reckons it", async () => {
  const { publicNumber, proof } = ours();

  expect([publicNumber.slice(0, 10), publicNumber.slice(-10)]).toEqual(["5515645536", "caef2056ae"]);
  expect(await proof("eu-central-1_Abc", "correct horse 1A", ASKED, AT)).toEqual({
    USERNAME: "5f1c-user",
    TIMESTAMP: "Sun Nov 8 05:04:03 UTC 2026",
    PASSWORD_CLAIM_SECRET_BLOCK: btoa("a secret block"),
    PASSWORD_CLAIM_SIGNATURE: "BzihC+HtbmgDuYbVGRVaDNv1baVKzcevA3qDuBGyv5w=",  // pragma: allowlist secret
  });
});

test("another password is another proof", async () => {
  const { PASSWORD_CLAIM_SIGNATURE: proof } = await ours().proof("eu-central-1_Abc", "correct horse 1B", ASKED, AT);

  expect(proof).not.toBe("BzihC+HtbmgDuYbVGRVaDNv1baVKzcevA3qDuBGyv5w=");
});

test("a pool whose number proves nothing is not answered", async () => {
  await expect(ours().proof("eu-central-1_Abc", "correct horse 1A", { ...ASKED, publicNumber: "0" }, AT)).rejects.toThrow("proves nothing");
});

test("two sign-ins are not the same", () => {
  expect(handshake().publicNumber).not.toBe(handshake().publicNumber);
});

test("a day of one digit stands alone", () => {
  expect(timestamp(AT)).toBe("Sun Nov 8 05:04:03 UTC 2026");
});
