/** Texts that have broken something somewhere. */
export const script = `<script>alert(1)</script><img src=x onerror=alert(1)>"'\`;--`;
/** By what is hostile about them. */
export const hostile = {
  script,
  "right-to-left marks": "\u202efdp.exe\u2066\u200f\u061c",
  "control characters": "a\r\nset-cookie: b=c\t\u0007\u001b[2J",
  "characters of many parts": "👩‍👩‍👧‍👦e\u0301\u{1f3f4}\u{e0067}",
  "a formula": '=HYPERLINK("https://evil.example";"x")',
  "300 characters": "x".repeat(300),
  "10 MB": "x".repeat(10 * 2 ** 20),
  NUL: "a\0b",
  "half a surrogate pair": "a\ud800b",
  "a template": "{{constructor}} %s %n ../../etc/passwd",
};
