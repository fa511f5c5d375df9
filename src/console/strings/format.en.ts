/** Numbers, times and durations, over Intl. Times of day are the viewer's; durations are whole seconds. */
const language = "en-GB";
const whole = new Intl.NumberFormat(language);
const twoPlaces = new Intl.NumberFormat(language, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const percentage = new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 1 });
const time = new Intl.DateTimeFormat(language, {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hour12: false,
});
const minute = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", hour12: false });
const day = new Intl.DateTimeFormat(language, { day: "numeric", month: "short", year: "numeric" });
const plural = new Intl.PluralRules(language);
const list = new Intl.ListFormat(language);

export const formatNumber = (value: number) => whole.format(value);
/** A score in 0..1: "0.94". */
export const formatScore = (value: number) => twoPlaces.format(value);
/** A share in 0..1: "98.1 %". */
export const formatShare = (value: number) => percentage.format(value).replace("%", "\u00a0%");
export const formatTime = (iso: string | number) => time.format(new Date(iso));
export const formatMinute = (iso: string | number) => minute.format(new Date(iso));
export const formatDay = (iso: string | number) => day.format(new Date(iso));
export const formatDateTime = (iso: string | number) => `${formatDay(iso)}, ${formatTime(iso)}`;
export const formatList = (parts: readonly string[]) => list.format(parts);

/** "1 frame", "3 frames". */
export const counted = (count: number, one: string, other: string) =>
  `${formatNumber(count)} ${plural.select(count) === "one" ? one : other}`;

/** "1:52", "14:03:00" from an hour on; never below zero. */
export function formatCountdown(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  return clockText(seconds);
}

/** The same for time that has passed: rounded down. */
export function formatElapsed(ms: number): string {
  return clockText(Math.max(0, Math.floor(ms / 1000)));
}

function clockText(seconds: number): string {
  const pad = (value: number) => String(value).padStart(2, "0");
  const [hours, minutes, rest] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return hours > 0 ? `${hours}:${pad(minutes)}:${pad(rest)}` : `${minutes}:${pad(rest)}`;
}

/** "2 min", "3 min 10 s", "2 h 5 min": for sentences. */
export function formatSpan(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600)
    return seconds % 60 === 0 ? `${seconds / 60} min` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 48 * 60)
    return minutes % 60 === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  return counted(Math.round(minutes / 1440), "day", "days");
}

/** A name that others chose, shown as text: control and direction characters become symbols, cut at 200 characters. */
export function plainName(name: string): string {
  const visible = [...name].slice(0, 200).map(visibleCharacter).join("");
  return [...name].length > 200 ? `${visible}…` : visible;
}

function visibleCharacter(character: string): string {
  const point = character.codePointAt(0) ?? 0;
  if (point < 0x20) return String.fromCodePoint(0x2400 + point);
  if (point === 0x7f) return "␡";
  return /[\p{Cc}\p{Cf}\u2028\u2029]/u.test(character) && point !== 0x200d ? "�" : character;
}
