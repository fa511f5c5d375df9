import fc from "fast-check";
import { expect, test } from "vitest";
import {
  isTrustedHost,
  parseAddressRules,
  refusalOfAddress,
  refusalOfHost,
} from "../../src/workers/fetch/address-rules.ts";

const noRules = parseAddressRules([]);
const octet = fc.integer({ min: 0, max: 255 });

const privateIPv4 = fc.oneof(
  fc.tuple(fc.constantFrom(0, 10, 127, 224, 239, 240, 255), octet, octet, octet),
  fc.tuple(fc.constant(172), fc.integer({ min: 16, max: 31 }), octet, octet),
  fc.tuple(fc.constant(192), fc.constant(168), octet, octet),
  fc.tuple(fc.constant(169), fc.constant(254), octet, octet),
  fc.tuple(fc.constant(100), fc.integer({ min: 64, max: 127 }), octet, octet),
  fc.tuple(fc.constant(198), fc.constantFrom(18, 19), octet, octet),
);

test("a private IPv4 address is refused in every notation that a URL can spell it in", () => {
  fc.assert(
    fc.property(privateIPv4, ([a, b, c, d]) => {
      const number = ((a * 256 + b) * 256 + c) * 256 + d;
      const spellings = [
        `${a}.${b}.${c}.${d}`,
        `${a}.${b}.${c}.${d}.`,
        `${number}`,
        `0x${number.toString(16)}`,
        `0${number.toString(8)}`,
        `0x${a.toString(16)}.0${b.toString(8)}.${c * 256 + d}`,
        `${a}.${(b * 256 + c) * 256 + d}`,
        `[::ffff:${a}.${b}.${c}.${d}]`,
        `[::ffff:${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}]`,
        `[64:ff9b::${a}.${b}.${c}.${d}]`,
        `[::${a}.${b}.${c}.${d}]`,
        `[2002:${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}::1]`,
      ];
      for (const host of spellings)
        expect(refusalOfHost(noRules, new URL(`http://${host}/picture.jpg`)), host).toMatch(/ is a \w+ address$/);
    }),
  );
});

test.each([
  "::",
  "::1",
  "fe80::1",
  "fe80::1%eth0",
  "fc00::1",
  "fd12:3456::1",
  "fec0::1",
  "ff02::1",
  "100::1",
  "64:ff9b::808:808",
  "64:ff9b:1::1",
  "2001:db8::1",
  "2001::1",
  "2002:7f00:1::1",
  "4000::1",
  "192.0.2.1",
  "198.51.100.7",
  "203.0.113.9",
  "not-an-address",
  "",
])("what a resolver says, %j, is refused", (address) => {
  expect(refusalOfAddress(noRules, address)).toBeTypeOf("string");
});

test.each(["8.8.8.8", "1.1.1.1", "172.15.0.1", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "::ffff:8.8.8.8"])(
  "the public address %s is permitted",
  (address) => {
    expect(refusalOfAddress(noRules, address)).toBeUndefined();
  },
);

test("a range opens what lies in it, in IPv4-mapped notation too, and nothing else", () => {
  const rules = parseAddressRules(["10.1.0.0/16", "fd00::/8"]);
  for (const address of ["10.1.2.3", "::ffff:10.1.2.3", "fd12::1"])
    expect(refusalOfAddress(rules, address)).toBeUndefined();
  for (const address of ["10.2.0.1", "127.0.0.1", "fc00::1", "::1"])
    expect(refusalOfAddress(rules, address)).toBeTypeOf("string");
});

test.each(["169.254.169.254", "fd00:ec2::254", "fd20:ce::254", "168.63.129.16", "100.100.100.200"])(
  "the metadata address %s stays closed to ranges however wide, and opens to its own name only",
  (address) => {
    const wide = parseAddressRules(["0.0.0.0/0", "::/0"]);
    expect(refusalOfAddress(wide, address)).toBe(`${address} is a metadata address`);
    expect(refusalOfAddress(parseAddressRules([address]), address)).toBeUndefined();
  },
);

test("metadata services are refused by name, whatever they resolve to", () => {
  for (const host of ["metadata.google.internal", "METADATA.google.internal.", "metadata.goog"])
    expect(refusalOfHost(noRules, new URL(`http://${host}/`))).toMatch(/metadata/);
});

test("a host is trusted on all ports or on the one that is named", () => {
  const rules = parseAddressRules(["Pictures.internal", "localhost:8080", "edge.internal:80", "[::1]:9000"]);
  const trusted = (url: string) => isTrustedHost(rules, new URL(url));
  expect(trusted("https://pictures.internal/a.jpg")).toBe(true);
  expect(trusted("http://pictures.internal.:8443/a.jpg")).toBe(true);
  expect(trusted("http://localhost:8080/a.jpg")).toBe(true);
  expect(trusted("http://[::1]:9000/a.jpg")).toBe(true);
  expect(trusted("http://edge.internal/a.jpg")).toBe(true);
  expect(trusted("https://edge.internal/a.jpg")).toBe(false);
  expect(trusted("http://localhost/a.jpg")).toBe(false);
  expect(trusted("http://evil-pictures.internal/a.jpg")).toBe(false);
});

test("an address with a port is trusted on that port only", () => {
  const rules = parseAddressRules(["127.0.0.1:8080"]);
  expect(isTrustedHost(rules, new URL("http://127.0.0.1:8080/"))).toBe(true);
  expect(isTrustedHost(rules, new URL("http://127.0.0.1:8081/"))).toBe(false);
  expect(refusalOfAddress(rules, "127.0.0.1")).toBeTypeOf("string");
});

test.each(["", "http://host/", "host/path", "10.0.0.0/33", "a b", "host:port"])(
  "the allowance %j is refused with what could be written",
  (entry) => {
    expect(() => parseAddressRules([entry])).toThrow(/write host, host:port, an address or a range/);
  },
);
